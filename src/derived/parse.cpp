// The tolerant parser: text -> Tree.
#include <charconv>
#include <cmath>

#include "src/derived/value.hpp"

namespace azreach::derived {

namespace {

constexpr std::size_t kMaxDepth = 512;

void append_utf8(std::uint32_t code, std::string& out) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

}  // namespace

class Parser {
public:
    Parser(std::uint32_t source, std::string_view text, Tree& tree)
        : source_(source), text_(text), tree_(tree) {}

    void parse() {
        skip();
        tree_.root_ = value(NodePlace::kNone, {}, 0, false, 0);
        skip();
        if (at_ < text_.size()) {
            fail("text after the JSON document", "one JSON document a file");
        }
    }

private:
    [[noreturn]] void fail(std::string found, std::string expected) const {
        throw ParseError{at_, std::move(found), std::move(expected)};
    }
    std::string here() const {
        if (at_ >= text_.size()) {
            return "the end of the file";
        }
        const char c = text_[at_];
        return c >= 0x20 && c < 0x7F ? "'" + std::string(1, c) + "'" : "an unexpected character";
    }

    void skip() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
                ++at_;
            } else if (text_.substr(at_).starts_with("\xEF\xBB\xBF")) {
                at_ += 3;
            } else if (text_.substr(at_).starts_with("//")) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (text_.substr(at_).starts_with("/*")) {
                const std::size_t end = text_.find("*/", at_ + 2);
                if (end == std::string_view::npos) {
                    fail("a comment that never ends", "*/");
                }
                at_ = end + 2;
            } else {
                return;
            }
        }
    }

    Value value(std::uint32_t parent, std::string_view key, std::uint32_t index, bool is_item,
                std::size_t depth) {
        if (depth > kMaxDepth) {
            fail("JSON nested more than " + std::to_string(kMaxDepth) + " deep", "less");
        }
        const auto node = static_cast<std::uint32_t>(tree_.nodes_.size());
        tree_.nodes_.push_back({parent, index, at_, std::string(key), is_item});
        Value result;
        const char c = at_ < text_.size() ? text_[at_] : '\0';
        if (c == '{') {
            result = object(node, depth);
        } else if (c == '[') {
            result = array(node, depth);
        } else if (c == '"' || c == '\'') {
            result = Value::of(string());
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            result = number();
        } else if (word("true")) {
            result = Value::of(true);
        } else if (word("false")) {
            result = Value::of(false);
        } else if (!word("null")) {
            fail(here(), "a JSON value");
        }
        result.place = {source_, node};
        result.verbatim = true;
        return result;
    }

    bool word(std::string_view wanted) {
        if (!text_.substr(at_).starts_with(wanted)) {
            return false;
        }
        at_ += wanted.size();
        return true;
    }

    Value object(std::uint32_t node, std::size_t depth) {
        Value result = Value::object();
        ++at_;
        for (;;) {
            skip();
            if (at_ < text_.size() && text_[at_] == '}') {
                ++at_;
                return result;
            }
            if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) {
                fail(here(), "a key in quotes, or }");
            }
            std::string key = string();
            skip();
            if (at_ >= text_.size() || text_[at_] != ':') {
                fail(here(), "a colon after the key '" + key.substr(0, 60) + "'");
            }
            ++at_;
            skip();
            Value member = value(node, key, 0, false, depth + 1);
            result.members.emplace_back(std::move(key), std::move(member));
            after_element('}');
        }
    }

    Value array(std::uint32_t node, std::size_t depth) {
        Value result = Value::array();
        ++at_;
        for (;;) {
            skip();
            if (at_ < text_.size() && text_[at_] == ']') {
                ++at_;
                return result;
            }
            result.items.push_back(
                value(node, {}, static_cast<std::uint32_t>(result.items.size()), true, depth + 1));
            after_element(']');
        }
    }

    /// A comma, or the end, which the caller takes. A comma may stand before the end.
    void after_element(char end) {
        skip();
        if (at_ < text_.size() && text_[at_] == ',') {
            ++at_;
        } else if (at_ >= text_.size() || text_[at_] != end) {
            fail(here(), std::string("a comma or ") + end);
        }
    }

    std::string string() {
        const std::size_t begin = at_;
        const char quote = text_[at_++];
        std::string result;
        for (;;) {
            const std::size_t end = text_.find_first_of(quote == '"' ? "\"\\" : "'\\", at_);
            if (end == std::string_view::npos) {
                at_ = begin;
                fail("a string that never ends", "a closing quote");
            }
            result += text_.substr(at_, end - at_);
            at_ = end + 1;
            if (text_[end] == quote) {
                return result;
            }
            escape(result);
        }
    }

    void escape(std::string& out) {
        static constexpr std::string_view kFrom = "\"\\/bfnrt'";
        static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t'";
        const char c = at_ < text_.size() ? text_[at_] : '\0';
        if (c == 'u') {
            ++at_;
            std::uint32_t code = hex();
            if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
                at_ += 2;
                const std::uint32_t low = hex();
                code = low >= 0xDC00 && low < 0xE000
                           ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                           : 0xFFFD;
            } else if (code >= 0xD800 && code < 0xE000) {
                code = 0xFFFD;
            }
            append_utf8(code, out);
            return;
        }
        const std::size_t known = c == '\0' ? std::string_view::npos : kFrom.find(c);
        if (known == std::string_view::npos) {
            fail(here(), "an escape such as \\n or \\u0041");
        }
        out += kTo[known];
        ++at_;
    }

    std::uint32_t hex() {
        std::uint32_t code = 0;
        const char* first = text_.data() + at_;
        const std::size_t left = text_.size() - at_;
        if (left < 4 || std::from_chars(first, first + 4, code, 16).ptr != first + 4) {
            fail(here(), "four hexadecimal digits");
        }
        at_ += 4;
        return code;
    }

    Value number() {
        const std::size_t end =
            std::min(text_.find_first_not_of("+-0123456789.eE", at_), text_.size());
        const std::string_view digits = text_.substr(at_, end - at_);
        Value result;
        const auto whole =
            std::from_chars(digits.data(), digits.data() + digits.size(), result.integer);
        if (whole.ec == std::errc{} && whole.ptr == digits.data() + digits.size()) {
            result.kind = Value::Kind::integer;
        } else {
            const auto real =
                std::from_chars(digits.data(), digits.data() + digits.size(), result.real);
            if (real.ec != std::errc{} || real.ptr != digits.data() + digits.size() ||
                !std::isfinite(result.real)) {
                fail("'" + std::string(digits.substr(0, 40)) + "'", "a number");
            }
            result.kind = Value::Kind::real;
            result.integer = 0;
        }
        at_ = end;
        return result;
    }

    std::uint32_t source_;
    std::string_view text_;
    Tree& tree_;
    std::size_t at_ = 0;
};

Tree::Tree(std::uint32_t source, std::string_view text) { Parser(source, text, *this).parse(); }

}  // namespace azreach::derived
