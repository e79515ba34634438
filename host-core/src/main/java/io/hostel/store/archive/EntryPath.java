package io.hostel.store.archive;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where an entry belongs, relative to the root: no component is empty, a dot or two, and none holds a slash or a zero byte. */
record EntryPath(List<String> components) {
    /** Bytes, leaving room for the path of the tree itself below PATH_MAX. */
    static final int LONGEST = 2_048;

    static final int DEEPEST = 100;

    /** NAME_MAX of every file system that matters. */
    private static final int LONGEST_COMPONENT = 255;

    /** @throws RefusedException BadArchive or TooLarge, naming the entry */
    static EntryPath of(String name) {
        if (name.startsWith("/")) {
            throw bad(name, "is an absolute path");
        }
        if (name.indexOf('\0') >= 0) {
            throw bad(name, "has a zero byte in its name");
        }
        List<String> components = new ArrayList<>();
        for (String component : name.split("/", -1)) {
            if (component.equals("..")) {
                throw bad(name, "leaves the root by \"..\"");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        checkSize(name, components);
        return new EntryPath(List.copyOf(components));
    }

    private static void checkSize(String name, List<String> components) {
        if (bytes(name) > LONGEST) {
            throw tooLarge(name, "has a name of more than " + LONGEST + " bytes");
        }
        if (components.size() > DEEPEST) {
            throw tooLarge(name, "lies more than " + DEEPEST + " directories deep");
        }
        for (String component : components) {
            if (bytes(component) > LONGEST_COMPONENT) {
                throw tooLarge(name, "has a part of its name of more than " + LONGEST_COMPONENT + " bytes");
            }
        }
    }

    boolean isRoot() {
        return components.isEmpty();
    }

    /** The path of the first {@code depth} components below a root. */
    Path below(Path root, int depth) {
        Path path = root;
        try {
            for (String component : components.subList(0, depth)) {
                path = path.resolve(component);
            }
        } catch (InvalidPathException e) {
            throw bad(this.toString(), "has a name that this host cannot write: " + e.getReason());
        }
        return path;
    }

    Path below(Path root) {
        return below(root, components.size());
    }

    @Override
    public String toString() {
        return String.join("/", components);
    }

    static RefusedException bad(String name, String why) {
        return new RefusedException(new Refusal.BadArchive("entry \"" + printable(name) + "\" " + why));
    }

    static RefusedException tooLarge(String name, String why) {
        return new RefusedException(new Refusal.TooLarge("entry \"" + printable(name) + "\" " + why));
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** A name goes into messages and logs: short, and without control characters. */
    static String printable(String name) {
        String cut = name.length() > 200 ? name.substring(0, 200) + "…" : name;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
