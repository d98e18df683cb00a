// Functions on text, and conversions to and from text.
// Source:
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
#include <algorithm>
#include <array>

#include "models/azure/symbol.hpp"
#include "src/template/functions.hpp"
#include "src/template/utf16.hpp"

namespace azreach::arm_template {

namespace {

void check_size(std::size_t bytes) {
    if (bytes > kMaxTextBytes) {
        throw FunctionError{"a text of more than " + std::to_string(kMaxTextBytes) + " bytes",
                            "a shorter one"};
    }
}

Value made(std::string text) {
    check_size(text.size());
    return Value::of(std::move(text));
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return result;
}

Value concat(const Arguments& arguments) {
    if (arguments.size() == 0) {
        throw FunctionError{"no argument of concat", "at least one"};
    }
    bool arrays = false;
    bool symbols = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        symbols = symbols || arguments[i].is_symbolic();
        arrays = arrays || arguments[i].is_array();
    }
    if (arrays) {
        if (symbols) {
            throw NotKnown{};  // a list of unknown length
        }
        Value result = Value::array();
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const auto& items = arguments.array(i);
            if (result.items.size() + items.size() > kMaxItems) {
                throw FunctionError{"an array of more than " + std::to_string(kMaxItems) + " items",
                                    "a shorter one"};
            }
            result.items.insert(result.items.end(), items.begin(), items.end());
        }
        return result;
    }
    std::string text;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].is_object()) {
            arguments.fail(i, "a string or an array");
        }
        text += text_of(arguments[i]);
        check_size(text.size());
    }
    return made(std::move(text));
}

/// A number as .NET's standard formats write it; formats that are not here are not known.
std::string formatted(const Value& value, std::string_view spec) {
    if (spec.empty() || !value.is_number()) {
        return text_of(value);
    }
    if (value.kind != Value::Kind::integer) {
        throw NotKnown{};
    }
    const bool negative = value.integer < 0;
    const auto magnitude = negative ? ~static_cast<std::uint64_t>(value.integer) + 1
                                    : static_cast<std::uint64_t>(value.integer);
    std::string digits = std::to_string(magnitude);
    const auto padded = [&](std::size_t width) {
        if (width > 99) {
            throw NotKnown{};
        }
        return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
    };
    if (spec.find_first_not_of('0') == std::string_view::npos) {  // "000"
        return (negative ? "-" : "") + padded(spec.size());
    }
    std::size_t width = 0;
    for (const char c : spec.substr(1)) {
        if (c < '0' || c > '9' || width > 99) {
            throw NotKnown{};
        }
        width = width * 10 + static_cast<std::size_t>(c - '0');
    }
    switch (spec[0]) {
        case 'D':
        case 'd':
            return (negative ? "-" : "") + padded(width);
        case 'N':
        case 'n': {
            for (std::size_t at = digits.size(); at > 3;) {
                at -= 3;
                digits.insert(at, ",");
            }
            const std::size_t decimals = spec.size() == 1 ? 2 : width;
            if (decimals > 0) {
                digits += "." + std::string(std::min<std::size_t>(decimals, 99), '0');
            }
            return (negative ? "-" : "") + digits;
        }
        case 'X':
        case 'x': {
            if (negative) {
                throw NotKnown{};
            }
            const std::string_view kDigits =
                spec[0] == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
            std::string hex;
            for (std::uint64_t rest = magnitude; rest > 0 || hex.empty(); rest /= 16) {
                hex.insert(hex.begin(), kDigits[rest % 16]);
            }
            digits = std::move(hex);
            return padded(width);
        }
        default:
            throw NotKnown{};
    }
}

Value format(const Arguments& arguments) {
    if (arguments[0].is_symbolic()) {
        throw NotKnown{};
    }
    const std::string& pattern = arguments.text(0);
    std::string text;
    for (std::size_t at = 0; at < pattern.size();) {
        const char c = pattern[at];
        if ((c == '{' || c == '}') && at + 1 < pattern.size() && pattern[at + 1] == c) {
            text += c;
            at += 2;
            continue;
        }
        if (c != '{') {
            text += c;
            ++at;
            continue;
        }
        const std::size_t end = pattern.find('}', at);
        if (end == std::string::npos) {
            throw FunctionError{"'" + pattern.substr(at, 20) + "' in the pattern of format",
                                "a closing brace, or {{ for a brace"};
        }
        std::string_view inside = std::string_view(pattern).substr(at + 1, end - at - 1);
        const std::size_t colon = inside.find(':');
        const std::string_view spec =
            colon == std::string_view::npos ? std::string_view{} : inside.substr(colon + 1);
        inside = inside.substr(0, std::min(colon, inside.size()));
        const std::size_t comma = inside.find(',');
        const std::string_view alignment =
            comma == std::string_view::npos ? std::string_view{} : inside.substr(comma + 1);
        inside = inside.substr(0, std::min(comma, inside.size()));
        std::size_t index = 0;
        for (const char digit : inside) {
            if (digit < '0' || digit > '9' || index > 1000) {
                throw FunctionError{"'{" + std::string(inside) + "}' in the pattern of format",
                                    "the number of an argument, such as {0}"};
            }
            index = index * 10 + static_cast<std::size_t>(digit - '0');
        }
        if (inside.empty() || index + 1 >= arguments.size()) {
            throw FunctionError{"'{" + std::string(inside) + "}' in the pattern of format",
                                "the number of an argument, such as {0}; there are " +
                                    std::to_string(arguments.size() - 1)};
        }
        const Value& value = arguments[index + 1];
        std::string part = formatted(value, spec);
        if (!alignment.empty()) {
            if (value.is_symbolic()) {
                throw NotKnown{};
            }
            const bool left = alignment.front() == '-';
            std::size_t width = 0;
            for (const char digit : alignment.substr(left ? 1 : 0)) {
                if (digit < '0' || digit > '9' || width > 10000) {
                    throw NotKnown{};
                }
                width = width * 10 + static_cast<std::size_t>(digit - '0');
            }
            const std::string blanks(width > part.size() ? width - part.size() : 0, ' ');
            part = left ? part + blanks : blanks + part;
        }
        text += part;
        check_size(text.size());
        at = end + 1;
    }
    return made(std::move(text));
}

// --- parts of a text
// ------------------------------------------------------------------------------

Value substring(const Arguments& arguments) {
    const std::u16string text = to_utf16(arguments.text(0));
    const std::int64_t start = arguments.size() > 1 ? arguments.integer(1) : 0;
    const auto size = static_cast<std::int64_t>(text.size());
    const std::int64_t length = arguments.size() > 2 ? arguments.integer(2) : size - start;
    if (start < 0 || length < 0 || start > size || length > size - start) {
        throw FunctionError{"index " + std::to_string(start) + " and length " +
                                std::to_string(length) + " in substring",
                            "a place within the text of " + std::to_string(size) + " characters"};
    }
    return made(
        to_utf8(text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(length))));
}

/// The text with `plain` done to what stands around the symbols, and each symbol in it replaced by
/// the symbol for `function` of it (with `more` behind it).
template <class Plain>
std::string part_by_part(std::string_view text, const Plain& plain, std::string_view function,
                         const std::string& more) {
    std::string result;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find(kSymbolOpens), text.size());
        result += plain(text.substr(0, open));
        text.remove_prefix(open);
        if (text.empty()) {
            break;
        }
        const std::size_t close =
            std::min(text.find(kSymbolCloses), text.size() - kSymbolCloses.size());
        const std::string_view name = text.substr(kSymbolOpens.size(), close - kSymbolOpens.size());
        result += symbol(shortened(std::string(function) + "(" + std::string(name) + more + ")"));
        text.remove_prefix(close + kSymbolCloses.size());
    }
    return result;
}

Value to_lower(const Arguments& arguments) {
    return made(part_by_part(arguments.text(0), lower, "toLower", ""));
}
Value to_upper(const Arguments& arguments) {
    return made(part_by_part(arguments.text(0), upper, "toUpper", ""));
}

Value trim(const Arguments& arguments) {
    std::string_view text = arguments.text(0);
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) {
        return made("");
    }
    return made(std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1)));
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    for (std::size_t next = text.find(from); next != std::string_view::npos;
         next = text.find(from)) {
        result.append(text.substr(0, next)).append(to);
        text.remove_prefix(next + from.size());
        check_size(result.size());
    }
    return result.append(text);
}

/// Whether `from` could lie partly in a symbol and partly in the text beside it.
bool may_straddle(std::string_view text, std::string_view from) {
    for (std::size_t length = 1; length < from.size(); ++length) {
        const std::string behind =
            std::string(kSymbolCloses) + std::string(from.substr(from.size() - length));
        const std::string before = std::string(from.substr(0, length)) + std::string(kSymbolOpens);
        if (text.find(behind) != std::string_view::npos ||
            text.find(before) != std::string_view::npos) {
            return true;
        }
    }
    return from.size() > 1 && text.find(std::string(kSymbolCloses) + std::string(kSymbolOpens)) !=
                                  std::string_view::npos;
}

Value replace(const Arguments& arguments) {
    const std::string& text = arguments.text(0);
    const std::string& from = arguments.text(1);
    const std::string& to = arguments.text(2);
    if (from.empty()) {
        throw FunctionError{"an empty text as argument 2 of replace", "a text to look for"};
    }
    if (is_symbolic(from) || (is_symbolic(text) && may_straddle(text, from))) {
        throw NotKnown{};
    }
    return made(part_by_part(
        text, [&](std::string_view part) { return replaced(part, from, to); }, "replace",
        ", " + readable(arguments[1]) + ", " + readable(arguments[2])));
}

Value split(const Arguments& arguments) {
    std::vector<std::string> delimiters;
    if (arguments[1].is_array()) {
        for (const Value& item : arguments[1].items) {
            if (!item.is_text()) {
                arguments.fail(1, "a string or an array of strings");
            }
            delimiters.push_back(item.text);
        }
    } else {
        delimiters.push_back(arguments.text(1));
    }
    std::string_view text = arguments.text(0);
    if (is_symbolic(text)) {
        // The symbols in an id stand for one segment each.
        if (!(text.starts_with("/subscriptions/") || text.starts_with("/providers/")) ||
            delimiters != std::vector<std::string>{"/"}) {
            throw NotKnown{};
        }
    }
    Value result = Value::array();
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const auto delimiter =
            std::find_if(delimiters.begin(), delimiters.end(), [&](const std::string& one) {
                return !one.empty() && text.substr(at).starts_with(one);
            });
        if (at < text.size() && delimiter == delimiters.end()) {
            ++at;
            continue;
        }
        if (result.items.size() >= kMaxItems) {
            throw FunctionError{"an array of more than " + std::to_string(kMaxItems) + " items",
                                "a shorter one"};
        }
        result.items.push_back(Value::of(std::string(text.substr(begin, at - begin))));
        if (at >= text.size()) {
            break;
        }
        at += delimiter->size();
        begin = at;
    }
    return result;
}

Value join(const Arguments& arguments) {
    const std::string& delimiter = arguments.text(1);
    if (arguments[0].is_symbolic() || arguments[1].is_symbolic()) {
        throw NotKnown{};
    }
    std::string text;
    const auto& items = arguments.array(0);
    for (const Value& item : items) {
        text += (&item == items.data() ? "" : delimiter) + text_of(item);
        check_size(text.size());
    }
    return made(std::move(text));
}

Value pad_left(const Arguments& arguments) {
    const std::u16string text = to_utf16(text_of(arguments[0]));
    const std::int64_t width = arguments.integer(1);
    const std::u16string pad = arguments.size() > 2 ? to_utf16(text_of(arguments[2])) : u" ";
    if (pad.size() != 1) {
        arguments.fail(2, "one character");
    }
    if (width > static_cast<std::int64_t>(kMaxTextBytes)) {
        check_size(static_cast<std::size_t>(width));
    }
    const auto size = static_cast<std::int64_t>(text.size());
    const std::u16string blanks(width > size ? static_cast<std::size_t>(width - size) : 0, pad[0]);
    return made(to_utf8(blanks + text));
}

Value starts_with(const Arguments& arguments) {
    return Value::of(lower(arguments.text(0)).starts_with(lower(arguments.text(1))));
}

Value ends_with(const Arguments& arguments) {
    return Value::of(lower(arguments.text(0)).ends_with(lower(arguments.text(1))));
}

/// The place counts UTF-16 units, as .NET does.
Value place_in(std::string_view text, std::size_t at) {
    return Value::of(at == std::string_view::npos
                         ? std::int64_t{-1}
                         : static_cast<std::int64_t>(to_utf16(text.substr(0, at)).size()));
}

Value index_of(const Arguments& arguments) {
    if (arguments[0].is_array()) {
        for (std::size_t i = 0; i < arguments[0].items.size(); ++i) {
            switch (equal(arguments[0].items[i], arguments[1])) {
                case Truth::yes:
                    return Value::of(static_cast<std::int64_t>(i));
                case Truth::open:
                    throw NotKnown{};
                case Truth::no:
                    break;
            }
        }
        return Value::of(std::int64_t{-1});
    }
    const std::string text = lower(arguments.text(0));
    return place_in(text, text.find(lower(arguments.text(1))));
}

Value last_index_of(const Arguments& arguments) {
    if (arguments[0].is_array()) {
        for (std::size_t i = arguments[0].items.size(); i-- > 0;) {
            switch (equal(arguments[0].items[i], arguments[1])) {
                case Truth::yes:
                    return Value::of(static_cast<std::int64_t>(i));
                case Truth::open:
                    throw NotKnown{};
                case Truth::no:
                    break;
            }
        }
        return Value::of(std::int64_t{-1});
    }
    const std::string text = lower(arguments.text(0));
    return place_in(text, text.rfind(lower(arguments.text(1))));
}

// --- encodings
// ------------------------------------------------------------------------------------

std::string encoded_base64(std::string_view bytes) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t j = 0; j < 3; ++j) {
            group = (group << 8) | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            result += j <= count ? kAlphabet[(group >> (18 - 6 * j)) & 63] : '=';
        }
    }
    return result;
}

std::string decoded_base64(const Arguments& arguments, std::string_view text) {
    const auto digit = [](char c) {
        return c >= 'A' && c <= 'Z'   ? c - 'A'
               : c >= 'a' && c <= 'z' ? c - 'a' + 26
               : c >= '0' && c <= '9' ? c - '0' + 52
               : c == '+'             ? 62
               : c == '/'             ? 63
                                      : -1;
    };
    std::string result;
    std::uint32_t group = 0;
    std::size_t count = 0;
    for (const char c : text) {
        if (c == '=') {
            break;
        }
        const int value = digit(c);
        if (value < 0) {
            arguments.fail(0, "base64 text");
        }
        group = (group << 6) | static_cast<std::uint32_t>(value);
        if (++count == 4) {
            for (const int shift : {16, 8, 0}) {
                result += static_cast<char>((group >> shift) & 0xFF);
            }
            group = 0;
            count = 0;
        }
    }
    if (count == 1) {
        arguments.fail(0, "base64 text");
    }
    if (count > 1) {
        group <<= 6 * (4 - count);
        result += static_cast<char>((group >> 16) & 0xFF);
        if (count == 3) {
            result += static_cast<char>((group >> 8) & 0xFF);
        }
    }
    return result;
}

Value base64(const Arguments& arguments) { return made(encoded_base64(text_of(arguments[0]))); }
Value base64_to_string(const Arguments& arguments) {
    return made(decoded_base64(arguments, arguments.text(0)));
}

Value parsed_json(const std::string& text) {
    try {
        Value value = derived::Tree(derived::NodePlace::kNone, text).root();
        const auto forget = [](Value& one, const auto& self) -> void {  // it has no place
            one.place = {};
            one.verbatim = false;
            for (Value& item : one.items) self(item, self);
            for (auto& [key, member] : one.members) self(member, self);
        };
        forget(value, forget);
        return value;
    } catch (const derived::ParseError& error) {
        throw FunctionError{
            "JSON text with " + error.found + " at character " + std::to_string(error.offset + 1),
            error.expected};
    }
}

Value base64_to_json(const Arguments& arguments) {
    return parsed_json(decoded_base64(arguments, arguments.text(0)));
}

Value json(const Arguments& arguments) { return parsed_json(arguments.text(0)); }

Value string(const Arguments& arguments) {
    const Value& value = arguments[0];
    if (is_open(value) || (value.is_symbolic() && value.text.starts_with(kSymbolOpens) &&
                           value.text.ends_with(kSymbolCloses))) {
        throw NotKnown{};  // perhaps it is no text
    }
    return made(text_of(arguments[0]));
}

Value data_uri(const Arguments& arguments) {
    return made("data:text/plain;charset=utf8;base64," + encoded_base64(text_of(arguments[0])));
}

Value data_uri_to_string(const Arguments& arguments) {
    const std::string& text = arguments.text(0);
    const std::size_t comma = text.find(',');
    if (!text.starts_with("data:") || comma == std::string::npos) {
        arguments.fail(0, "a data URI");
    }
    const std::string_view head = std::string_view(text).substr(0, comma);
    if (!head.ends_with(";base64")) {
        throw NotKnown{};
    }
    return made(decoded_base64(arguments, std::string_view(text).substr(comma + 1)));
}

Value uri_component(const Arguments& arguments) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result;
    for (const char c : arguments.text(0)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            result += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            result += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return made(std::move(result));
}

Value uri_component_to_string(const Arguments& arguments) {
    const std::string& text = arguments.text(0);
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
            digit(text[i + 2]) >= 0) {
            result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return made(std::move(result));
}

/// The parts of an absolute URI: up to the path, the path, what follows it.
struct Uri {
    std::string root, path, rest;
};
Uri uri_parts(std::string_view text) {
    const std::size_t scheme = text.find("://");
    const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t path = std::min(text.find('/', host), text.size());
    const std::size_t rest = std::min(text.find_first_of("?#", path), text.size());
    return {std::string(text.substr(0, path)), std::string(text.substr(path, rest - path)),
            std::string(text.substr(rest))};
}

/// ".." and "." in a path are steps.
std::string normalized(std::string_view path) {
    std::vector<std::string_view> segments;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, slash - at);
        const bool last = slash == path.size();
        if (segment == "..") {
            if (segments.size() > 1) {
                segments.pop_back();
            }
            if (last) segments.emplace_back("");
        } else if (segment != ".") {
            segments.push_back(segment);
        } else if (last) {
            segments.emplace_back("");
        }
        at = slash + 1;
    }
    std::string result;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        result += (i == 0 ? "" : "/") + std::string(segments[i]);
    }
    return result;
}

/// The base's last segment is replaced; an absolute second part stands alone.
Value uri(const Arguments& arguments) {
    const std::string& base = arguments.text(0);
    const std::string& relative = arguments.text(1);
    if (relative.find("://") != std::string::npos) {
        return made(relative);
    }
    if (is_symbolic(base) && base.rfind(kSymbolCloses) > base.rfind('/')) {
        // Where the base's last segment begins is not known; the relative part is kept.
        return made(symbol(shortened("base of " + readable(arguments[0]))) +
                    (relative.starts_with('/') ? "" : "/") + relative);
    }
    const Uri parts = uri_parts(base);
    const std::string path = relative.starts_with('/')
                                 ? relative
                                 : parts.path.substr(0, parts.path.rfind('/') + 1) + relative;
    const std::string_view absolute = path;
    const std::size_t query = std::min(absolute.find_first_of("?#"), absolute.size());
    std::string way = normalized(absolute.substr(0, query));
    if (!way.starts_with('/')) {
        way.insert(0, "/");
    }
    return made(parts.root + way + std::string(absolute.substr(query)));
}

/// Always a symbol: the same for the same arguments.
Value opaque(const Arguments& arguments) {
    (void)arguments;
    throw NotKnown{};
}

constexpr Function kFunctions[] = {
    {"base64", base64, 1, 1},
    {"base64tojson", base64_to_json, 1, 1},
    {"base64tostring", base64_to_string, 1, 1},
    {"concat", concat, 0, 4096, true},
    {"datauri", data_uri, 1, 1},
    {"datauritostring", data_uri_to_string, 1, 1},
    {"endswith", ends_with, 2, 2},
    {"format", format, 1, 4096, true},
    {"guid", opaque, 1, 64},
    {"indexof", index_of, 2, 2},
    {"join", join, 2, 2, true},
    {"json", json, 1, 1},
    {"lastindexof", last_index_of, 2, 2},
    {"newguid", opaque, 0, 0},
    {"padleft", pad_left, 2, 3},
    {"replace", replace, 3, 3, true},
    {"split", split, 2, 2, true},
    {"startswith", starts_with, 2, 2},
    {"string", string, 1, 1, true},
    {"substring", substring, 1, 3},
    {"tolower", to_lower, 1, 1, true},
    {"toupper", to_upper, 1, 1, true},
    {"trim", trim, 1, 1},
    {"uniquestring", opaque, 1, 64},
    {"uri", uri, 2, 2, true},
    {"uricomponent", uri_component, 1, 1},
    {"uricomponenttostring", uri_component_to_string, 1, 1},
    {"utcnow", opaque, 0, 1},
};

}  // namespace

std::span<const Function> text_functions() { return kFunctions; }

}  // namespace azreach::arm_template
