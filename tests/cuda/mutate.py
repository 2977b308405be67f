#!/usr/bin/env python3
"""mutate.py BUILD [TEXT]: put one fault at a time into the CUDA plugin's sources and see which layer notices.

The faults are the lines of tests/cuda/mutations, or those that hold the text. Of each the files that it changes are
compiled as `make` does for hooks, and the rows that concern it run in each layer:

    plain   results, blocks and threads in order
    rev     results, blocks and threads backwards
    hooks   every access is looked at

In each the first shapes of the rows, which are small; all, where plain or rev notice nothing of these, and where no
layer notices anything. What was found stands in tests/cuda/noticed: "values" (a test failed), "report" (a fault was
told of), "leak", "signal", "hang", or "." where a layer noticed nothing, and the first report. Lines of faults that
did not run stay as they were. Exit 1: no layer noticed a fault, a text is not found, or a kernel has no fault of its
own.
"""
import os
import re
import signal
import subprocess
import sys

LAYERS = {"plain": {"CUH_LOOK": "0"}, "rev": {"CUH_LOOK": "0", "CUH_ORDER": "rev"}, "hooks": {}}
PROGRAMS = ["test_ops", "test_lsh", "test_head"]
FEW = "3"
SECONDS = 100 # of the processor: a program that takes more hangs
NOTICED = "tests/cuda/noticed"


def sh(command, **more):
    return subprocess.run(command, shell=True, capture_output=True, text=True, errors="replace", **more)


class Fault:
    def __init__(self, line):
        self.source, self.kernel, self.rows, change = line.rstrip("\n").split(" :: ", 3)
        self.old, self.new = re.split(r" =>(?: |$)", change, maxsplit=1)
        self.name = f"{self.source} {self.kernel}: {self.old.strip()} -> {self.new.strip() or '(nothing)'}"

    def mutated(self):
        """The source with its fault; None where there is no place for it. Lines keep their numbers."""
        text, start = open(f"cuda/{self.source}").read(), 0
        if self.kernel != "-":
            found = re.search(r"\b" + self.kernel + r"\s*\(", text)
            if not found:
                return None
            start = found.end()
        at = text.find(self.old, start)
        return None if at < 0 else text[:at] + self.new + text[at + len(self.old):]

    def stems(self):
        """Of the .cu files that the source is part of, also by way of other headers."""
        texts = {f: open(f"cuda/{f}").read() for f in os.listdir("cuda")}
        parts, new = set(), {self.source}
        while new:
            parts |= new
            new = {f for f in texts if any(f'"{part}"' in texts[f] for part in new)} - parts
        return sorted(f[:-3] for f in parts if f.endswith(".cu"))

    def programs(self):
        """Those that have a row of its rows."""
        parts = [f'{{"{p[1:]}"' if p[0] == "=" else p for p in self.rows.split("|")]
        return [p for p in PROGRAMS if any(part in open(f"tests/ops/{p}.c").read() for part in parts)]


class Builder:
    """Compiles and links as make does elements.cu and the plugin, without what only a debugger wants."""

    def __init__(self, build):
        self.target, self.out = f"{build}/tests/cuda/hooks", f"{build}/tests/cuda/mutants"
        make = sh(f"make -n -W cuda/elements.cu V=1 CFLAGS= BUILD={build} {self.target}/reformer-cuda.so").stdout
        self.compile, self.link = None, None
        for line in make.splitlines():
            if "elements.cu" in line and " -c " in line:
                self.compile = line.strip()
            if "-shared" in line and f"{self.target}/reformer-cuda.so" in line:
                self.link = line.strip()
        if not self.compile or not self.link:
            sys.exit(f"mutate: make does not say how {self.target} is built")

    def build(self, fault, text):
        """An error's text, or ''."""
        sh(f"rm -rf {self.out} && mkdir -p {self.out}/src && cp cuda/* {self.out}/src/")
        open(f"{self.out}/src/{fault.source}", "w").write(text)
        link = self.link.replace(f"-o {self.target}/reformer-cuda.so", f"-o {self.out}/reformer-cuda.so")
        for stem in fault.stems():
            c = self.compile.replace(f"{self.target}/elements.o", f"{self.out}/{stem}.o")
            c = c.replace("-Icuda", f"-I{self.out}/src").replace("cuda/elements.cu", f"{self.out}/src/{stem}.cu")
            done = sh(c.replace("-MMD -MP", "-w").replace("-Werror", ""))
            if done.returncode:
                return done.stderr
            link = link.replace(f"{self.target}/{stem}.o", f"{self.out}/{stem}.o")
        done = sh(link)
        return done.stderr if done.returncode else ""


def run(build, out, fault, layer, shapes):
    """What a layer says of it, in a word, and its first report."""
    env = dict(os.environ, RF_PLUGIN_PATH=out, RF_TEST_DEVICE="cuda", RF_TEST_ROWS=fault.rows, RF_TEST_SHAPES=shapes,
               RF_TEST_NO_NAN="1", **LAYERS[layer])
    for program in fault.programs():
        try:
            done = sh(f"ulimit -t {SECONDS}; exec {build}/tests/ops/{program}", env=env, timeout=1800)
        except subprocess.TimeoutExpired:
            return "hang", ""
        said = done.stdout + done.stderr
        reports = re.findall(r"cuda-on-host: (.*)", said)
        real = [r for r in reports if "end of the process" not in r and not r.endswith(" faults")]
        if real:
            return "report", re.sub(r"(at |from |to )?0x[0-9a-f]+,? ?", "", real[0])
        if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return "hang", ""
        if done.returncode < 0 or "exception" in said:
            return "signal", ""
        if "FAILED" in said: # a test that fails does not give back what it has
            return "values", ""
        if done.returncode:
            return "leak" if reports else "values", ""
    return ".", ""


def look(build, builder, fault):
    """The fault's words, by layer, and its first report."""
    text = fault.mutated()
    error = "the text is not there" if text is None else builder.build(fault, text)
    if error:
        return {layer: "?" for layer in LAYERS}, error.strip().splitlines()[0]
    words, first = {}, ""
    for shapes in (FEW, "8"):
        for layer in LAYERS:
            again = words.get(layer) == "." and (layer != "hooks" or all(w == "." for w in words.values()))
            if shapes == FEW or again:
                words[layer], report = run(build, builder.out, fault, layer, shapes)
                first = first or report
    return words, first


def row(name, words, first):
    return f"{name:92.92s}" + "".join(f"{word:>8s}" for word in words) + ("  " + first[:96] if first else "")


def kernels():
    for f in sorted(os.listdir("cuda")):
        if f.endswith(".cu"):
            yield from re.findall(r"__launch_bounds__\([^)]*\)\s+(k_\w+)\(", open(f"cuda/{f}").read())


def write_table(names, known):
    """The rows of all faults that there are, and how often each layer noticed one."""
    rows = [known[name] for name in names if name in known]
    words = [[r[92 + 8 * i:100 + 8 * i].strip() for i in range(len(LAYERS))] for r in rows]
    counts = ", ".join(f"{layer} {sum(w[i] not in '.?' for w in words)}" for i, layer in enumerate(LAYERS))
    with open(NOTICED, "w") as out:
        out.write("# Written by tests/cuda/mutate.py, which says what the words mean.\n")
        out.write(row("fault", LAYERS, "first report") + "\n")
        out.writelines(r + "\n" for r in rows)
        out.write(f"{len(rows)} faults, noticed by: {counts}\n")


def main():
    build, wanted = os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    os.chdir(os.path.join(os.path.dirname(__file__), "../.."))
    build = os.path.relpath(build)
    lines = [line for line in open("tests/cuda/mutations") if line.strip() and line[0] != "#"]
    faults, builder, bad, hit = [Fault(line) for line in lines], Builder(build), 0, set()
    known = {}
    if os.path.exists(NOTICED):
        names = {f.name[:92].strip() for f in faults}
        known = {r[:92].strip(): r.rstrip("\n") for r in open(NOTICED) if r[:92].strip() in names}
    for line, fault in zip(lines, faults):
        hit.add(fault.kernel)
        if wanted not in line:
            continue
        words, first = look(build, builder, fault)
        name = fault.name[:92].strip()
        known[name] = row(name, words.values(), first)
        print(known[name], flush=True)
        bad += all(word == "." for word in words.values()) or "?" in words.values()
        write_table([f.name[:92].strip() for f in faults], known)
    for kernel in kernels():
        if kernel not in hit:
            print(f"no fault hits {kernel}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
