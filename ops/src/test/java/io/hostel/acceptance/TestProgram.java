package io.hostel.acceptance;

import java.nio.file.Path;

/** Small programs of the tests' own: static ones built from C in {@code ops/target}, and scripts in Python. */
public final class TestProgram {
    private TestProgram() {}

    /**
     * @param source from the directory {@code ops/src}
     * @return the program, freshly built
     */
    public static Path build(String source) {
        Path file = Shell.root().resolve("ops/src").resolve(source);
        String name = String.valueOf(file.getFileName()).replace(".c", "");
        Path program = Shell.root().resolve("ops/target").resolve(name);
        Shell.run(
                "musl-gcc",
                "-static",
                "-O2",
                "-D_GNU_SOURCE",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-idirafter",
                "/usr/include",
                "-idirafter",
                "/usr/include/" + System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu",
                "-o",
                program.toString(),
                file.toString());
        return program;
    }

    /** @param script from the directory {@code ops/src/test/python} */
    public static Path python(String script) {
        return Shell.root().resolve("ops/src/test/python").resolve(script);
    }
}
