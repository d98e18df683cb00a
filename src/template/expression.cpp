#include "src/template/expression.hpp"

#include <charconv>

namespace azreach::arm_template {

namespace {

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '-'; }

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Expression all() {
        Expression result = expression(0);
        skip();
        if (at_ < text_.size()) {
            fail("the end of the expression");
        }
        return result;
    }

private:
    [[noreturn]] void fail(std::string expected) const {
        std::string found = "the end of the expression";
        if (at_ < text_.size()) {
            found = "'" + std::string(text_.substr(at_, 20)) + "'";
        }
        throw ExpressionError{at_, std::move(found), std::move(expected)};
    }
    void skip() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                      text_[at_] == '\r' || text_[at_] == '\t')) {
            ++at_;
        }
    }
    bool take(char c) {
        skip();
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }
    std::string_view name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_name(text_[at_])) {
            ++at_;
        }
        return text_.substr(begin, at_ - begin);
    }

    Expression expression(std::size_t depth) {
        if (depth > kMaxExpressionDepth) {
            throw ExpressionError{at_, "an expression nested too deep",
                                  "at most " + std::to_string(kMaxExpressionDepth) + " levels"};
        }
        Expression result = primary(depth);
        // One step each: a long chain of members is as deep as the tree, too.
        for (std::size_t steps = 0;; ++steps) {
            if (steps > kMaxExpressionDepth) {
                fail("fewer members in a row");
            }
            if (take('.')) {
                skip();
                Expression member;
                member.kind = Expression::Kind::member;
                member.name = std::string(name());
                if (member.name.empty()) {
                    fail("the name of a member");
                }
                member.arguments.push_back(std::move(result));
                result = std::move(member);
            } else if (take('[')) {
                Expression index;
                index.kind = Expression::Kind::index;
                index.arguments.push_back(std::move(result));
                index.arguments.push_back(expression(depth + 1));
                if (!take(']')) {
                    fail("]");
                }
                result = std::move(index);
            } else {
                return result;
            }
        }
    }

    Expression primary(std::size_t depth) {
        skip();
        const char c = at_ < text_.size() ? text_[at_] : '\0';
        if (c == '\'') {
            return text();
        }
        if (c == '-' || c == '+' || (c >= '0' && c <= '9')) {
            return number();
        }
        if (!is_name_start(c)) {
            fail("a function, a text in single quotes, or a number");
        }
        std::string written(name());
        skip();
        while (at_ < text_.size() && text_[at_] == '.') {  // namespace.function(
            ++at_;
            skip();
            written += "." + std::string(name());
            skip();
        }
        Expression call;
        call.kind = Expression::Kind::call;
        call.name = lower(written);
        call.written = written;
        if (!take('(')) {
            if (call.name == "true" || call.name == "false" || call.name == "null") {
                return call;
            }
            fail("( after the function's name '" + written.substr(0, 60) + "'");
        }
        if (take(')')) {
            return call;
        }
        do {
            call.arguments.push_back(expression(depth + 1));
        } while (take(','));
        if (!take(')')) {
            fail("a comma or )");
        }
        return call;
    }

    Expression text() {
        Expression result;
        std::string value;
        ++at_;
        for (;;) {
            const std::size_t quote = text_.find('\'', at_);
            if (quote == std::string_view::npos) {
                at_ = text_.size();
                fail("a closing single quote");
            }
            value += text_.substr(at_, quote - at_);
            at_ = quote + 1;
            if (at_ >= text_.size() || text_[at_] != '\'') {
                break;
            }
            value += '\'';
            ++at_;
        }
        result.value = derived::Value::of(std::move(value));
        return result;
    }

    Expression number() {
        const std::size_t begin = at_;
        if (text_[at_] == '+' || text_[at_] == '-') {
            ++at_;
        }
        while (at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9'))) {
            ++at_;
        }
        bool whole = true;
        if (at_ + 1 < text_.size() && text_[at_] == '.' && text_[at_ + 1] >= '0' &&
            text_[at_ + 1] <= '9') {
            whole = false;
            ++at_;
            while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
                ++at_;
            }
        }
        std::string_view digits = text_.substr(begin, at_ - begin);
        if (digits.starts_with('+')) {
            digits.remove_prefix(1);
        }
        Expression result;
        derived::Value& value = result.value;
        value.kind = whole ? derived::Value::Kind::integer : derived::Value::Kind::real;
        const char* end = digits.data() + digits.size();
        const auto parsed = whole ? std::from_chars(digits.data(), end, value.integer)
                                  : std::from_chars(digits.data(), end, value.real);
        if (parsed.ec != std::errc{} || parsed.ptr != end) {
            at_ = begin;
            fail("a number");
        }
        return result;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::string written_form(const Expression& expression) {
    switch (expression.kind) {
        case Expression::Kind::literal:
            return derived::to_json(expression.value);
        case Expression::Kind::member:
            return written_form(expression.arguments[0]) + "." + expression.name;
        case Expression::Kind::index:
            return written_form(expression.arguments[0]) + "[" +
                   written_form(expression.arguments[1]) + "]";
        case Expression::Kind::call:
            break;
    }
    std::string text = expression.name + "(";
    for (const Expression& argument : expression.arguments) {
        text += (&argument == expression.arguments.data() ? "" : ",") + written_form(argument);
    }
    return text + ")";
}

bool is_expression(std::string_view text) {
    return text.size() >= 2 && text.front() == '[' && text.back() == ']' && text[1] != '[';
}

std::string unescaped(std::string_view text) {
    return std::string(text.starts_with("[[") ? text.substr(1) : text);
}

Expression parse_expression(std::string_view inner) { return Parser(inner).all(); }

}  // namespace azreach::arm_template
