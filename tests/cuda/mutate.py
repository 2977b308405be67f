#!/usr/bin/env python3
"""mutate.py BUILD [TEXT]: put one fault at a time into the CUDA plugin's sources and see which layer notices.

The faults are the lines of tests/cuda/mutations, or those that hold the text. Of each the one file is compiled, as
`make` does, for the layers plain, rev (threads and blocks backwards) and hooks; the op tests that concern it run in
each. A table goes to standard output: what each layer said, or "." where it noticed nothing. Exit 1: no layer noticed
a fault, a text is not found, or a kernel has no fault of its own.
"""
import os
import re
import subprocess
import sys

LAYERS = [("plain", "plain", {}), ("rev", "plain", {"CUH_ORDER": "rev"}), ("hooks", "hooks", {})]
PROGRAMS = ["test_ops", "test_lsh"]


def sh(command, **more):
    return subprocess.run(command, shell=True, capture_output=True, text=True, errors="replace", **more)


def read_mutations(path, wanted):
    for line in open(path):
        if line.startswith("#") or not line.strip() or wanted not in line:
            continue
        source, kernel, rows, change = line.rstrip("\n").split(" :: ", 3)
        old, new = re.split(r" =>(?: |$)", change, maxsplit=1)
        yield source, kernel, rows, old, new


def mutated(text, kernel, old, new):
    """The text with its fault; None where there is no place for it. Lines keep their numbers."""
    start = 0
    if kernel != "-":
        found = re.search(r"\b" + kernel + r"\s*\(", text)
        if not found:
            return None
        start = found.end()
    at = text.find(old, start)
    return None if at < 0 else text[:at] + new + text[at + len(old):]


def commands(build, kind):
    """How make compiles elements.cu and links the plugin, of this kind."""
    target = f"{build}/tests/cuda/{kind}"
    make = sh(f"make -n -W cuda/elements.cu V=1 BUILD={build} {target}/reformer-cuda.so").stdout.splitlines()
    compile_, link = None, None
    for line in make:
        if "elements.cu" in line and " -c " in line:
            compile_ = line.strip()
        if "-shared" in line and f"{target}/reformer-cuda.so" in line:
            link = line.strip()
    if not compile_ or not link:
        sys.exit(f"mutate: make does not say how {target} is built")
    return compile_, link


def build_one(build, kind, how, out, users):
    """The plugin with these files of the mutated folder in place of their own; an error's text, or ''."""
    compile_, link = how
    target = f"{build}/tests/cuda/{kind}"
    os.makedirs(f"{out}/{kind}", exist_ok=True)
    link = link.replace(f"-o {target}/reformer-cuda.so", f"-o {out}/{kind}/reformer-cuda.so")
    for stem in users:
        c = compile_.replace(f"{target}/elements.o", f"{out}/{kind}/{stem}.o").replace("-Icuda", f"-I{out}/src")
        c = c.replace("cuda/elements.cu", f"{out}/src/{stem}.cu").replace("-MMD -MP", "-w").replace("-Werror", "")
        done = sh(c)
        if done.returncode:
            return done.stderr
        link = link.replace(f"{target}/{stem}.o", f"{out}/{kind}/{stem}.o")
    done = sh(link)
    return done.stderr if done.returncode else ""


def run(build, out, kind, more, rows):
    """What a layer says of it, in a word, and its first report."""
    env = dict(os.environ, RF_PLUGIN_PATH=f"{out}/{kind}", RF_TEST_DEVICE="cuda", RF_TEST_ROWS=rows, **more)
    for program in PROGRAMS:
        try:
            done = sh(f"{build}/tests/ops/{program}", env=env, timeout=300)
        except subprocess.TimeoutExpired:
            return "hang", ""
        said = done.stdout + done.stderr
        reports = re.findall(r"cuda-on-host: (.*)", said)
        real = [r for r in reports if "end of the process" not in r and not r.endswith(" faults")]
        if real:
            return "report", real[0]
        if done.returncode < 0 or "exception" in said:
            return "signal", ""
        if "FAILED" in said: # a test that fails does not give back what it has
            return "values", ""
        if done.returncode:
            return "leak" if reports else "values", ""
    return ".", ""


def users_of(source):
    """The stems of the .cu files that a source is part of."""
    if source.endswith(".cu"):
        return [source[:-3]]
    return [f[:-3] for f in sorted(os.listdir("cuda")) if f.endswith(".cu") and
            f'"{source}"' in open(f"cuda/{f}").read()]


def kernels():
    for f in sorted(os.listdir("cuda")):
        if f.endswith(".cu"):
            yield from re.findall(r"__launch_bounds__\([^)]*\)\s+(k_\w+)\(", open(f"cuda/{f}").read())


def main():
    build, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    os.chdir(os.path.join(os.path.dirname(__file__), "../.."))
    out = f"{build}/tests/cuda/mutants"
    how = {kind: commands(build, kind) for kind in ("plain", "hooks")}
    bad, noticed, total, hit = 0, {name: 0 for name, _, _ in LAYERS}, 0, set()
    print(f"{'fault':86s}" + "".join(f"{name:>8s}" for name, _, _ in LAYERS) + "  first report")
    for source, kernel, rows, old, new in read_mutations("tests/cuda/mutations", wanted):
        total += 1
        hit.add(kernel)
        name = f"{source} {kernel}: {old} -> {new or '(nothing)'}"
        sh(f"rm -rf {out}/src && mkdir -p {out}/src && cp cuda/* {out}/src/")
        text = mutated(open(f"cuda/{source}").read(), kernel, old, new)
        if text is None:
            print(f"{name:86.86s}  the text is not there")
            bad += 1
            continue
        open(f"{out}/src/{source}", "w").write(text)
        row, first = [], ""
        for layer, kind, more in LAYERS:
            error = build_one(build, kind, how[kind], out, users_of(source)) if layer != "rev" else ""
            word, report = ("compiler", error[:100]) if error else run(build, out, kind, more, rows)
            row.append(word)
            noticed[layer] += word != "."
            first = first or report
        bad += all(word == "." for word in row) or "compiler" in row
        print(f"{name:86.86s}" + "".join(f"{word:>8s}" for word in row) + "  " + first[:110], flush=True)
    if not wanted:
        for kernel in kernels():
            if kernel not in hit:
                print(f"no fault hits {kernel}")
                bad += 1
    print(f"{total} faults; noticed by " + ", ".join(f"{name} {n}" for name, n in noticed.items()))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
