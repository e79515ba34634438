package io.hostel.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Typed access to the settings that never throws: a bad value is noted with its place and the documented default stands in for
 * it, so that one pass finds every problem.
 */
final class Settings {
    private final Config given;
    private final Config reference;
    private final List<String> problems;
    private final Set<String> bad = new HashSet<>();

    /**
     * @param given the settings with the defaults beneath
     * @param problems where problems are added
     */
    Settings(Config given, Config reference, List<String> problems) {
        this.given = given;
        this.reference = reference;
        this.problems = problems;
    }

    /** @param parse throws IllegalArgumentException saying what is wrong with the text */
    <T> T text(String key, Function<String, T> parse) {
        try {
            return parse.apply(word(value(key)));
        } catch (IllegalArgumentException e) {
            problem(key, e.getMessage() == null ? "is not understood" : e.getMessage());
            return parse.apply(reference.getString(key));
        }
    }

    long size(String key, long least, long most) {
        return text(key, text -> within(ByteSize.parse(text), least, most, ByteSize::format));
    }

    int whole(String key, int least, int most) {
        return (int) number(key, least, most);
    }

    long number(String key, long least, long most) {
        return text(key, text -> {
            if (!text.matches("-?[0-9]{1,16}")) {
                throw new IllegalArgumentException("must be a whole number within " + least + ".." + most);
            }
            return within(Long.parseLong(text), least, most, String::valueOf);
        });
    }

    boolean flag(String key) {
        return text(key, text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException("must be true or false");
            }
            return text.equals("true");
        });
    }

    double decimal(String key, double least, double most) {
        return text(key, text -> {
            double number = text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?") ? Double.parseDouble(text) : Double.NaN;
            if (!(number >= least && number <= most)) {
                throw new IllegalArgumentException("must be a number within " + least + ".." + most);
            }
            return number;
        });
    }

    /** A list, or one text with commas as the command line gives it. */
    <T> List<T> list(String key, Function<String, T> parse) {
        List<T> items = new ArrayList<>();
        ConfigValue value = value(key);
        List<String> words = new ArrayList<>();
        if (value instanceof ConfigList list) {
            list.forEach(item -> words.add(item.valueType() == ConfigValueType.STRING ? word(item) : item.render()));
        } else {
            String text = String.valueOf(value.unwrapped()).strip().replaceAll("^\\[|\\]$", "");
            for (String word : text.split(",", -1)) {
                if (!text.isBlank()) {
                    words.add(word.strip().replaceAll("^\"|\"$", ""));
                }
            }
        }
        for (String word : words) {
            try {
                items.add(parse.apply(word));
            } catch (IllegalArgumentException e) {
                problem(key, "\"" + word + "\": " + e.getMessage());
            }
        }
        return items;
    }

    boolean isText(String key, String text) {
        return text.equals(value(key).unwrapped());
    }

    /** Notes a problem that concerns several keys, unless one of them is bad by itself. */
    void check(boolean holds, String key, String otherKey, String problem) {
        if (!holds && !bad.contains(key) && !bad.contains(otherKey)) {
            problem(key, problem);
        }
    }

    void problem(String key, String what) {
        bad.add(key);
        problems.add(place(value(key).origin()) + key + ": " + what);
    }

    /** Notes every key that is not documented. */
    void onlyKnown(Predicate<String> isSection, Map<String, ConfigValue> section, String prefix, Set<String> known) {
        section.forEach((name, value) -> {
            String key = prefix + name;
            if (known.contains(key) || value.valueType() == ConfigValueType.NULL) {
                return;
            }
            if (isSection.test(key)) {
                if (value instanceof ConfigObject inner) {
                    onlyKnown(isSection, inner, key + ".", known);
                } else {
                    problems.add(place(value.origin()) + key + ": must be a section { … }, not a value");
                }
                return;
            }
            problems.add(place(value.origin()) + key + ": is no setting"
                    + NearestKey.to(key, known)
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("; config/reference lists all"));
        });
    }

    private ConfigValue value(String key) {
        boolean usable;
        try {
            usable = given.hasPath(key);
        } catch (com.typesafe.config.ConfigException e) {
            usable = false; // a value stands where its section should be; noted by onlyKnown
        }
        return usable ? given.getValue(key) : reference.getValue(key);
    }

    private static String word(ConfigValue value) {
        return switch (value.valueType()) {
            case STRING, NUMBER, BOOLEAN -> String.valueOf(value.unwrapped()).strip();
            case OBJECT, LIST, NULL -> throw new IllegalArgumentException("must be one value, not a list or section");
        };
    }

    private static long within(long number, long least, long most, Function<Long, String> show) {
        if (number < least || number > most) {
            throw new IllegalArgumentException("must be within " + show.apply(least) + ".." + show.apply(most));
        }
        return number;
    }

    static String place(ConfigOrigin origin) {
        String where = origin.filename() != null
                ? origin.filename()
                : origin.description().replaceFirst(": [0-9]+$", "");
        return where + (origin.lineNumber() > 0 ? ":" + origin.lineNumber() : "") + ": ";
    }
}
