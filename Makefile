# reformer-tools: see README.md. `make help` lists the targets.
CONFIG  ?= release
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
-include config.mk

TOOLS := wiki-text namu-text modu-text split-sentences text-filter \
         wp-train wp-encode wp-decode shard-wiki mask-tokens shard-cat shard-mix \
         classify-encode squad-cloze squad-encode squad-predict squad-eval \
         rf-train rf-eval rf-plot rf-fill rf-sample rf-score rf-predict rf-embed rf-convert ckpt-info

ifeq ($(origin CC),default)
CC := gcc
endif

ifeq ($(origin CXX),default)
CXX := g++
endif

# What a fresh Debian 12 lacks: to build and run, then to check and lint besides.
PACKAGES       := $(if $(findstring clang,$(CC)),clang libomp-dev,gcc) libc6-dev make zlib1g-dev libbz2-dev liblzma-dev libzstd-dev libyaml-dev \
                  libxxhash-dev libutf8proc-dev libdnnl-dev gnuplot-nox
CHECK_PACKAGES := libcmocka-dev procps libopenmpi-dev openmpi-bin g++ binutils jq mandoc bzip2 xz-utils zstd curl ca-certificates python3
LINT_PACKAGES  := clang libomp-dev clang-tidy clang-format shellcheck

# A warning is an error in `make lint` and in continuous integration alone: a newer compiler, with warnings
# that nobody here has seen, must not break a user's build.
WERROR   := $(if $(CI)$(filter lint,$(CONFIG)),-Werror)
BUILD    := build/$(CONFIG)
BIN      := $(BUILD)/bin
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wdouble-promotion -Wformat=2 -Wundef -Wcast-qual $(WERROR)
CPPFLAGS += -Icommon -D_GNU_SOURCE -DRF_VERSION='"$(VERSION)"' -include base/banned.h
CFLAGS   ?= -g
# -ffp-contract=fast lets a * b + c be one instruction; without -fno-trapping-math no loop with a
# comparison is vectorised. Never -ffast-math: it would drop the checks for NaN.
FLAGS    := -std=gnu17 -O3 -fno-trapping-math -fno-math-errno -ffp-contract=fast -fopenmp \
            -fstack-protector-strong -fPIE $(WARN)
# common/nn/exports: what plugins, shared objects that a program opens, find in the program.
LINK     := -fopenmp -pie -Wl,-z,relro,-z,now -Wl,--dynamic-list=common/nn/exports
LIBS     := -lz -lbz2 -llzma -lzstd -lyaml -lxxhash -lutf8proc -ldnnl -lm

ifneq ($(filter release lint,$(CONFIG)),)
FLAGS    += -D_FORTIFY_SOURCE=2
else ifeq ($(CONFIG),asan)
FLAGS    += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK     += -fsanitize=address,undefined
else ifeq ($(CONFIG),tsan)
FLAGS    += -fsanitize=thread
LINK     += -fsanitize=thread
else
$(error CONFIG must be release, asan, tsan or lint)
endif

SRC      := $(sort $(wildcard common/*/*.c))
OBJ      := $(SRC:%.c=$(BUILD)/%.o)
LIB      := $(BUILD)/libcommon.a
BINS     := $(TOOLS:%=$(BIN)/%)
UNIT     := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/unit/test_*.c tests/ops/test_*.c)))
NUMBERS  := $(BUILD)/tests/unit/model_numbers
TRIAL    := $(BUILD)/tests/ranks/trial
BENCHES  := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/bench/*.c)))
PLUGINS  := $(patsubst %.c,$(BUILD)/%.so,$(sort $(wildcard tests/plugin/reformer-*.c)))
# Where nvcc and its headers are; without them the tests of the CUDA plugin take headers of their own.
CUDA     ?= $(patsubst %/bin/nvcc,%,$(firstword $(shell command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null)))
CUDA_INC := $(if $(CUDA),$(CUDA)/include,tests/cuda/headers)
NVCC     := $(if $(CUDA),$(if $(filter release,$(CONFIG)),$(wildcard $(CUDA)/bin/nvcc)))
CUDA_SO  := $(BIN)/reformer-cuda.so
CUDA_SRC := $(sort $(wildcard cuda/*.cu))
# Where NCCL's header is, by which ranks exchange from card to card; the library is looked for at run time.
NCCL_H   ?= $(if $(CUDA),$(firstword $(wildcard $(CUDA)/include/nccl.h /usr/include/nccl.h /usr/local/include/nccl.h)))
# Where mpicc is, what it would compile with: Open MPI and MPICH both show it.
MPICC    := $(shell command -v mpicc)
MPI_SO   := $(BIN)/reformer-mpi.so
MPI_SHOW := $(if $(MPICC),$(shell $(MPICC) -show))
MPI_SRC  := $(sort $(wildcard mpi/*.c))
INJECT   := $(BUILD)/tests/faults/inject.so
FUZZ     := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
PAGES    := $(sort $(wildcard man/*.[1-8]))
HEADERS  := $(sort $(wildcard common/*/*.h))

.DELETE_ON_ERROR:
.PHONY: all no-plugin no-nccl no-mpi check-cuda check-gpu check-cluster deps deps-check deps-lint check check-quick check-san check-kill check-deaths check-faults check-huge parity parity-model lint fmt cards roofline bench bench-gpu man fuzz install uninstall dist clean help
all: $(BINS) $(if $(NVCC),$(CUDA_SO) $(if $(NCCL_H),,no-nccl),no-plugin) $(if $(MPICC),$(MPI_SO),no-mpi)

help:
	@echo 'all          build every tool into $(BIN) (CONFIG=release, asan or tsan)'
	@echo 'deps         install what building and running needs (Debian packages)'
	@echo 'check        build and run every test; check-quick leaves the slow ones out'
	@echo 'check-san    the same under the sanitizers'
	@echo 'check-cuda   the CUDA plugin without a GPU, in every way: orders, cards, races, PTX; CUDA_PARTS="plain hooks": those'
	@echo 'check-gpu    the device cuda on this machine'"'"'s GPU: ops, runs of the tools, and errors beside their tolerances'
	@echo 'check-cluster pipelines and training on a Slurm cluster made of this machine, as root; CLUSTER_PARTS="pipeline train": those'
	@echo 'check-kill   kill the tools that write files, and training runs, at KILLS (1000) random moments each'
	@echo 'check-deaths kill or stop one rank of a training run at DEATHS (10) random moments'
	@echo 'check-faults let one call of each tool fail, at FAULTS_MAX (20) places of each kind: memory, files, a kill; FAULTS_TOOLS="...": those'
	@echo 'check-huge   HUGE_MB (1000) megabytes of lines without end, one word, distinct words, ...: bounded memory'
	@echo 'parity       ids beside those of Hugging Face tokenizers over all of Unicode (a Python package)'
	@echo 'parity-model MODELS (1000) random models of each version of reformer-pytorch beside ours (Python packages)'
	@echo 'lint         warnings, headers, layers, clang-tidy, clang-format, manual pages'
	@echo 'fmt          apply .clang-format'
	@echo 'cards        which batch of each configuration fits a GPU: README.md'
	@echo 'roofline     how fast a GPU could train at best, by what each family of ops moves and computes: README.md'
	@echo 'bench        speed beside other programs, Python packages, on an idle machine; BENCH="text wiki": those'
	@echo 'bench-gpu    the same of a GPU: ops, training'
	@echo 'fuzz         build the fuzz targets and run each for FUZZ_SECONDS (60)'
	@echo 'man          render the manual pages into $(BUILD)/man'
	@echo 'install      into $$DESTDIR$$PREFIX ($(DESTDIR)$(PREFIX)), with manual pages and completion'
	@echo 'uninstall dist clean'

# --- building: V=1 shows the commands

Q = $(if $(V),,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo '  make $(@:$(BUILD)/%=%)';))

-include $(OBJ:.o=.d) $(TOOLS:%=$(BUILD)/tools/%.d) $(UNIT:=.d) $(BENCHES:=.d) $(FUZZ:=.d) $(PLUGINS:.so=.d) $(NUMBERS:=.d) $(TRIAL).d

# Kernels are compiled once for each instruction set and chosen at run time.
ifeq ($(shell uname -m),x86_64)
$(BUILD)/%_avx2.o $(BUILD)/%_avx2.ok: private FLAGS += -march=x86-64-v3
$(BUILD)/%_avx512.o $(BUILD)/%_avx512.ok: private FLAGS += -march=x86-64-v4 -mprefer-vector-width=512
$(BUILD)/%_bf16.o $(BUILD)/%_bf16.ok: private FLAGS += -march=x86-64-v4 -mavx512bf16 -mprefer-vector-width=512
$(BUILD)/%_amx.o $(BUILD)/%_amx.ok: private FLAGS += -march=x86-64-v4 -mavx512bf16 -mamx-tile -mamx-bf16 -mprefer-vector-width=512
endif

# Objects of gcc and of clang do not link together: another compiler makes all of them anew. To keep
# both, give one a folder of its own: make CC=clang BUILD=build/clang.
$(BUILD)/compiler: FORCE
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = '$(CC)' ] || { \
	    $(CC) --version >/dev/null && \
	    { echo '#include <omp.h>' | $(CC) -fopenmp -x c -E - >/dev/null 2>&1 || { echo "make: $(NO_OMP)" >&2; false; }; } && \
	    echo '$(CC)' >$@; }
NO_OMP = '$(CC)' finds no omp.h: Debian has OpenMP for clang in the package libomp-dev, for clang-14 in \
         libomp-14-dev; 'make deps CC=clang' installs the first
.PHONY: FORCE

$(BUILD)/%.o: %.c Makefile $(BUILD)/compiler
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# What the compiler says about every source, without making any code.
$(BUILD)/tests/cuda/%.ok: private CPPFLAGS += $(CUH_INC)
syntax: $(patsubst %.c,$(BUILD)/%.ok,$(sort $(wildcard common/*/*.c tools/*.c tests/*/*.c)))
.PHONY: syntax
$(BUILD)/%.ok: %.c $(HEADERS) Makefile $(BUILD)/compiler
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(FLAGS) $(CFLAGS) -fsyntax-only $< && touch $@

$(LIB): $(OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BIN)/%: $(BUILD)/tools/%.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LINK) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIB)
	$(Q)$(CC) $(LINK) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS) -lcmocka

$(BUILD)/tests/unit/test_device: | $(PLUGINS)
$(PLUGINS): $(BUILD)/%.so: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(FLAGS:-fPIE=-fPIC) $(CFLAGS) -MMD -MP -MF $(@:.so=.d) -shared -o $@ $<

# It defines what the C library's headers would otherwise define inline.
$(INJECT) $(INJECT:.so=.ok): private FLAGS += -fno-builtin -U_FORTIFY_SOURCE
$(INJECT): tests/faults/inject.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(FLAGS:-fPIE=-fPIC) $(CFLAGS) -MMD -MP -MF $(@:.so=.d) -shared -o $@ $<

# The CUDA plugin, where nvcc is: machine code of these architectures, and PTX of the last, of which a driver makes
# that of newer cards. A kernel that does not fit into registers is told of.
CUDA_ARCHS ?= 75 80 86 89 90 100 120
NVCC_BASE  := -std=c++17 -O3 -Icommon -Icuda -D_GNU_SOURCE $(if $(NCCL_H),'-DRF_NCCL="$(NCCL_H)"')
NVCC_FLAGS  = $(NVCC_BASE) -Xcompiler -fPIC -Xptxas -warn-spills,-warn-lmem-usage \
              $(foreach a,$(CUDA_ARCHS),-gencode arch=compute_$a,code=sm_$a) \
              -gencode arch=compute_$(lastword $(CUDA_ARCHS)),code=compute_$(lastword $(CUDA_ARCHS))
CUDA_OBJ   := $(CUDA_SRC:%.cu=$(BUILD)/%.o)

$(CUDA_OBJ): $(BUILD)/%.o: %.cu Makefile
	@mkdir -p $(@D)
	$(Q)$(NVCC) $(NVCC_FLAGS) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<

$(CUDA_SO): $(CUDA_OBJ)
	@mkdir -p $(@D)
	$(Q)$(NVCC) -shared -cudart static -Xlinker -rpath=$(CUDA)/lib64 -o $@ $^ -lcublas -ldl
-include $(CUDA_OBJ:.o=.d)

no-plugin: $(BINS)
ifeq ($(CONFIG),release)
	@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,echo '  no nvcc here: the tools are built without reformer-cuda.so, their way to a GPU')
else
	@:
endif

no-nccl: $(CUDA_SO)
	@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,echo '  no nccl.h here: ranks on cards will exchange through the memory of the host (NCCL_H=FILE names it)')

# The plugin that joins processes by MPI, where mpicc is.
$(MPI_SO): $(MPI_SRC) Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(patsubst -I%,-isystem %,$(filter -I%,$(MPI_SHOW))) $(FLAGS:-fPIE=-fPIC) $(CFLAGS) -MMD -MP -MF $(BUILD)/reformer-mpi.d \
	    -shared -o $@ $(MPI_SRC) $(LDFLAGS) $(filter -L% -l% -Wl%,$(MPI_SHOW))
-include $(BUILD)/reformer-mpi.d

no-mpi: $(BINS)
ifeq ($(CONFIG),release)
	@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,echo '  no mpicc here: the tools are built without reformer-mpi.so, their way to more than one process')
else
	@:
endif

# The CUDA plugin's very sources, compiled for the host with a runtime that stands for a GPU: tests/cuda/cuh.h.
# hooks: with a call before each access, which finds races; asan: with the address sanitizer. Both
# are for the tests of ops alone, and cut logits into panels of a few rows. The plugin's
# thread-local data is its shared memory, which no wrapper may initialise.
CUH       := $(BUILD)/tests/cuda
CUH_KINDS := plain hooks asan
CUH_SO    := $(CUH_KINDS:%=$(CUH)/%/reformer-cuda.so)
CUH_SHORT := $(foreach kind,plain hooks,$(CUH)/$(kind)/reformer-cuda.so $(CUH)/$(kind)/test_wrong)
CUH_OBJ   := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/cuda/cuh_*.c tests/cuda/ptx_*.c)))
CUH_INC   := -Itests/cuda -isystem $(CUDA_INC) '-DRF_NCCL="$(or $(NCCL_H),headers/nccl.h)"'
CUH_CXX   := -x c++ -std=c++17 -fPIC -fno-extern-tls-init -Icommon -Icuda $(CUH_INC) -D_GNU_SOURCE \
             -DPEERS_ROOM_FLOATS=1000 -include tests/cuda/cuda_on_host.h $(CUH_FMA) -Wall -Wno-unknown-pragmas $(WERROR)
# fmaf() is one instruction where this processor has it, as on a GPU, and a call elsewhere; what is
# not written as one stays two roundings.
CUH_FMA   := $(if $(shell grep -ow -m1 fma /proc/cpuinfo 2>/dev/null),-mfma -ffp-contract=off)
CUH_plain := -O2
CUH_FEW   := '-DCARD_LOGITS_BYTES=(64<<10)'
CUH_hooks := -O1 -fsanitize=thread --param tsan-instrument-func-entry-exit=0 $(CUH_FEW)
CUH_asan  := -O1 $(CUH_FEW) -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

$(CUH_OBJ) $(CUH)/test_wrong.o: $(BUILD)/%.o: %.c Makefile $(BUILD)/compiler
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CUH_INC) $(FLAGS:-fPIE=-fPIC) -fvisibility=hidden $(CFLAGS) -MMD -MP -c -o $@ $<

define CUH_RULES
$(CUDA_SRC:cuda/%.cu=$(CUH)/$1/%.o): $(CUH)/$1/%.o: cuda/%.cu Makefile
	@mkdir -p $$(@D)
	$$(Q)$$(CXX) $$(CUH_CXX) $$(CUH_$1) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
$(CUH)/$1/reformer-cuda.so: $(CUDA_SRC:cuda/%.cu=$(CUH)/$1/%.o) $(CUH_OBJ)
	$$(Q)$$(CXX) -shared $$(filter -fsanitize=address%,$$(CUH_$1)) $$(LDFLAGS) -o $$@ $$^ $(CUH_MISSING) -ldnnl -ldl
$(CUH)/$1/wrong.o: tests/cuda/wrong.cu Makefile
	@mkdir -p $$(@D)
	$$(Q)$$(CXX) $$(CUH_CXX) $$(CUH_$1) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
$(CUH)/$1/test_wrong: $(CUH)/$1/wrong.o $(CUH)/test_wrong.o $(CUH_OBJ)
	$$(Q)$$(CXX) $$(filter -fsanitize=address%,$$(CUH_$1)) $$(LDFLAGS) -o $$@ $$^ -ldnnl -ldl -lcmocka
-include $(CUDA_SRC:cuda/%.cu=$(CUH)/$1/%.d) $(CUH)/$1/wrong.d
endef
$(foreach kind,$(CUH_KINDS),$(eval $(call CUH_RULES,$(kind))))
-include $(CUH_OBJ:.o=.d) $(CUH)/test_wrong.d

# What nvcc makes of the kernels before they become machine code: tests/cuda/ptx_*.c interpret it.
CUH_PTX := $(if $(NVCC),$(foreach arch,75 90,$(patsubst %.cu,$(CUH)/ptx$(arch)/%.ptx,$(notdir $(CUDA_SRC)) wrong.cu)))
define PTX_RULES
$(CUH)/ptx$1/%.ptx: cuda/%.cu Makefile
	@mkdir -p $$(@D)
	$$(Q)$$(NVCC) $$(NVCC_BASE) -arch=compute_$1 -lineinfo -MMD -MP -MF $$@.d -ptx -o $$@ $$<
$(CUH)/ptx$1/wrong.ptx: tests/cuda/wrong.cu tests/cuda/wrong.h Makefile
	@mkdir -p $$(@D)
	$$(Q)$$(NVCC) $$(NVCC_BASE) -arch=compute_$1 -lineinfo -MMD -MP -MF $$@.d -ptx -o $$@ $$<
endef
$(foreach arch,75 90,$(eval $(call PTX_RULES,$(arch))))
-include $(CUH_PTX:=.d)

$(FUZZ): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/replay.o $(LIB)
	$(Q)$(CC) $(LINK) $(LDFLAGS) -o $@ $< $(BUILD)/tests/fuzz/replay.o $(LIB) $(LIBS)

.SECONDARY:

# --- what a machine needs

deps:
	@tests/deps $(PACKAGES)
deps-check:
	@tests/deps $(PACKAGES) $(CHECK_PACKAGES)
deps-lint:
	@tests/deps $(PACKAGES) $(CHECK_PACKAGES) $(LINT_PACKAGES)

# --- checking

# A sub-make builds after `deps` has run: its packages may be what building needs.
check: deps-check
	@$(MAKE) --no-print-directory -j2 CONFIG=$(CONFIG) check-built
check-quick:
	@$(MAKE) --no-print-directory -j2 CONFIG=$(CONFIG) QUICK=1 check-built
check-san: deps-check
	@$(MAKE) --no-print-directory -j2 CONFIG=asan check-built
	@$(MAKE) --no-print-directory -j2 CONFIG=tsan SUITES='$(TSAN_SUITES)' check-built
TSAN_SUITES := unit
SUITES ?=
check-built: $(BINS) $(if $(MPICC),$(MPI_SO)) $(UNIT) $(TRIAL) $(BUILD)/tests/bench/roofline $(FUZZ) $(PLUGINS) $(if $(filter release,$(CONFIG)),$(INJECT) $(if $(QUICK),,$(CUH_SHORT)))
	@QUICK=$(QUICK) tests/run $(BUILD) $(SUITES)
.PHONY: check-built tools bins
bins: $(BINS)
tools: # their names, for the scripts
	@echo $(TOOLS)

# The programs that test a plugin's ops.
GPU_TESTS := $(patsubst %,$(BUILD)/tests/ops/test_%,ops lsh head gradients golden_attention golden_optim gemm)
check-cuda: $(CUH_SO) $(CUH_SHORT) $(CUH_PTX) $(GPU_TESTS)
	@tests/cuda/run $(BUILD) $(CUDA_PARTS)

# The plugin that lies beside the tools, which nvcc built, or that of RF_PLUGIN_PATH's folder.
check-gpu: all $(GPU_TESTS)
	@tests/cuda/gpu $(BUILD) $(GPU_TESTS)

check-cluster: all $(BUILD)/tests/ranks/trial
	@tests/cluster/run $(BUILD) $(CLUSTER_PARTS)

KILLS ?= 1000
check-kill: all
	@tests/kill $(BIN) $(BUILD)/kill $(KILLS)
	@KILLS=$(KILLS) ONLY=rf-train/kill-many tests/run $(BUILD) cli

DEATHS ?= 10
check-deaths: all
	@tests/cluster/deaths $(BIN) $(BUILD)/deaths $(DEATHS) || [ $$? = 77 ]

FAULTS_MAX ?= 20
check-faults: all $(INJECT)
	@FAULTS_MAX=$(FAULTS_MAX) tests/faults/run $(BIN) $(INJECT) $(BUILD)/faults $(FAULTS_TOOLS)

HUGE_MB ?= 1000
check-huge: all
	@tests/huge $(BIN) $(HUGE_MB)

parity: all
	@tests/parity $(BUILD)
parity-model: all $(NUMBERS)
	@tests/parity-model $(BUILD)

lint: deps-lint
	@$(MAKE) --no-print-directory -j2 CONFIG=lint lint-built
lint-built: $(BINS) $(UNIT) $(TRIAL) $(NUMBERS) $(BENCHES) $(FUZZ) $(PLUGINS)
	@tests/lint $(BUILD)
.PHONY: lint-built

fmt:
	@clang-format -i $(sort $(wildcard common/*/*.[ch] tools/*.c tests/*/*.[ch] mpi/*.c cuda/*.cu cuda/*.h tests/cuda/*.cu))

bench-gpu: all $(BENCHES)
	@tests/bench/run $(BUILD) gpu

BENCH ?=
bench: all $(BENCHES)
	@tests/bench/run $(BUILD) $(BENCH)

cards: all
	@tests/bench/cards.sh $(BUILD)
roofline: $(BUILD)/tests/bench/roofline
	@tests/bench/roofline.sh $(BUILD) all

FUZZ_SECONDS ?= 60
fuzz:
	@tests/fuzz/run $(BUILD) $(FUZZ_SECONDS)

# --- shipping

man: $(PAGES:man/%=$(BUILD)/man/%.txt)
$(BUILD)/man/%.txt: man/%
	@mkdir -p $(@D)
	mandoc -T utf8 $< > $@

COMPLETION := $(TOOLS:%=$(BUILD)/completion/bash/%) $(TOOLS:%=$(BUILD)/completion/zsh/_%)
$(BUILD)/completion/bash/%: $(BIN)/%
	@mkdir -p $(@D)
	$< --completion bash > $@
$(BUILD)/completion/zsh/_%: $(BIN)/%
	@mkdir -p $(@D)
	$< --completion zsh > $@

# DESTDIR and PREFIX may hold spaces: the shell alone reads them. Folders that install makes are noted in
# share/reformer-tools/folders, so that uninstall takes away those and no others, where nothing else is in them.
install uninstall: export STAGE = $(DESTDIR)
install uninstall: export TO = $(DESTDIR)$(PREFIX)
FOLDERS  := bin share/man/man1 share/man/man5 share/man/man7 share/bash-completion/completions \
            share/zsh/site-functions share/reformer-tools $(if $(NVCC)$(MPICC),lib/reformer-tools)
NOTED    := share/reformer-tools/folders
INSTALLED = $(TOOLS:%=bin/%) $(foreach p,$(notdir $(PAGES)),share/man/man$(subst .,,$(suffix $p))/$p) \
            $(TOOLS:%=share/bash-completion/completions/%) $(TOOLS:%=share/zsh/site-functions/_%) \
            lib/reformer-tools/reformer-cuda.so lib/reformer-tools/reformer-mpi.so

install: all $(COMPLETION)
	@echo "  install into $$TO"
	@mkdir -p "$$STAGE/"
	@folder() { [ -d "$$1" ] || { folder "$$(dirname "$$1")" && install -d "$$1" && echo "$${1#"$$STAGE"}"; }; }; \
	    made=$$(for f in $(FOLDERS); do folder "$$TO/$$f" || exit; done) && \
	    { [ -z "$$made" ] || echo "$$made" >>"$$TO/$(NOTED)"; }
	@install $(BINS) "$$TO/bin"
	@$(if $(NVCC),install $(CUDA_SO) "$$TO/lib/reformer-tools",:)
	@$(if $(MPICC),install $(MPI_SO) "$$TO/lib/reformer-tools",:)
	@for p in $(PAGES); do install -m 644 $$p "$$TO/share/man/man$${p##*.}" || exit; done
	@install -m 644 $(BUILD)/completion/bash/* "$$TO/share/bash-completion/completions"
	@install -m 644 $(BUILD)/completion/zsh/* "$$TO/share/zsh/site-functions"

uninstall:
	@echo "  uninstall from $$TO"
	@for f in $(INSTALLED); do rm -f "$$TO/$$f" || exit; done
	@[ ! -f "$$TO/$(NOTED)" ] || { made=$$(tac "$$TO/$(NOTED)") && rm "$$TO/$(NOTED)" && \
	    echo "$$made" | while read -r f; do rmdir "$$STAGE$$f" 2>/dev/null || :; done; }

# With git what is committed; in an unpacked tarball, which has no .git, the tree as it is.
DIST      = reformer-tools-$(VERSION)
DIST_TREE := $(wildcard .ci .clang-format .clang-tidy .editorconfig .gitignore .gitattributes *.md LICENSE) Makefile common cuda man mpi pipelines tests tools
dist:
	@mkdir -p build
	@if [ -e .git ]; then git archive --prefix=$(DIST)/ -o build/$(DIST).tar.gz HEAD; else \
	    tar --exclude='*.tmp' --exclude=__pycache__ --sort=name --owner=0 --group=0 --numeric-owner \
	        --transform='s,^,$(DIST)/,' -czf build/$(DIST).tar.gz $(DIST_TREE); fi
	@echo build/$(DIST).tar.gz

clean:
	rm -rf build
