#include "src/config/flow_text.hpp"

#include <algorithm>

#include "models/azure/diagnostic.hpp"
#include "src/engine/endpoint.hpp"

namespace azreach::config {

namespace {

constexpr int kMaxParentheses = 64;
constexpr std::size_t kMaxWords = 2000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct Word {
    std::string text;
    std::size_t offset = 0;
};

/// Words between blanks; "(", ")" and "->" stand for themselves wherever they are.
std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    std::size_t i = 0;
    while (i < text.size()) {
        if (is_blank(text[i])) {
            ++i;
            continue;
        }
        if (text[i] == '(' || text[i] == ')') {
            words.push_back({std::string(1, text[i]), i});
            ++i;
            continue;
        }
        if (text.substr(i, 2) == "->") {
            words.push_back({"->", i});
            i += 2;
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && !is_blank(text[i]) && text[i] != '(' && text[i] != ')' &&
               text.substr(i, 2) != "->") {
            ++i;
        }
        words.push_back({std::string(text.substr(begin, i - begin)), begin});
    }
    return words;
}

class Parser {
public:
    Parser(std::string_view text, const Place& place) : text_(text), place_(place) {
        words_ = words_of(text);
        if (words_.size() > kMaxWords) {
            throw InputError(place, "", std::to_string(words_.size()) + " words",
                             "at most " + std::to_string(kMaxWords), "name a part under sets");
        }
    }

    bool done() const { return next_ == words_.size(); }
    bool is(std::string_view word) const { return !done() && words_[next_].text == word; }
    bool take(std::string_view word) {
        if (!is(word)) {
            return false;
        }
        ++next_;
        return true;
    }
    const Word& word() { return words_[next_++]; }
    const Word* peek() const { return done() ? nullptr : &words_[next_]; }

    Place here() const { return at(done() ? text_.size() : words_[next_].offset); }
    Place at(std::size_t offset) const {
        Place place = place_;
        if (place.column != 0) {
            place.column += offset;
        }
        return place;
    }
    [[noreturn]] void fail(const std::string& expected, const std::string& remedy = {}) const {
        throw InputError(here(), "'" + std::string(text_) + "'",
                         done() ? "its end" : "'" + words_[next_].text + "'", expected, remedy);
    }

    SetExpression set(int depth = 0) {
        SetExpression left = term(depth);
        while (is("+") || is("-")) {
            const bool minus = word().text == "-";
            left = joined(minus ? SetExpression::Op::subtract : SetExpression::Op::unite,
                          std::move(left), term(depth));
        }
        return left;
    }

private:
    static SetExpression joined(SetExpression::Op op, SetExpression left, SetExpression right) {
        SetExpression both;
        both.op = op;
        both.place = left.place;
        both.parts.push_back(std::move(left));
        both.parts.push_back(std::move(right));
        return both;
    }

    SetExpression term(int depth) {
        SetExpression left = factor(depth);
        while (take("&")) {
            left = joined(SetExpression::Op::intersect, std::move(left), factor(depth));
        }
        return left;
    }

    SetExpression factor(int depth) {
        if (is("(")) {
            if (depth == kMaxParentheses) {
                fail("fewer parentheses");
            }
            ++next_;
            SetExpression inside = set(depth + 1);
            if (!take(")")) {
                fail("')'");
            }
            return inside;
        }
        if (done() || is_reserved(words_[next_].text) || is(")")) {
            fail("a set");
        }
        SetExpression name;
        name.place = here();
        name.name = word().text;
        for (const char c : {'+', '&', ',', '>'}) {
            const std::size_t found = name.name.find(c);
            if (found != std::string::npos && name.name.front() != '/') {
                throw InputError(at(words_[next_ - 1].offset + found), "'" + name.name + "'",
                                 "'" + std::string(1, c) + "' inside a name",
                                 "blanks around + - & and ->", "");
            }
        }
        return name;
    }

    std::string_view text_;
    const Place& place_;
    std::vector<Word> words_;
    std::size_t next_ = 0;
};

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

/// Parts between commas, plus signs and blanks, with their offsets.
std::vector<Word> service_words(std::string_view text) {
    std::vector<Word> parts;
    std::size_t i = 0;
    const auto separates = [](char c) { return is_blank(c) || c == ',' || c == '+'; };
    while (i < text.size()) {
        if (separates(text[i])) {
            ++i;
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && !separates(text[i])) {
            ++i;
        }
        parts.push_back({std::string(text.substr(begin, i - begin)), begin});
    }
    return parts;
}

}  // namespace

bool is_reserved(std::string_view name) {
    return name == "on" || name == "via" || name == "not" || name == "->" || name == "+" ||
           name == "-" || name == "&";
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    if (word.size() > 200) {
        return "";
    }
    for (const std::string& candidate : known) {
        if (candidate.size() > 200) {
            continue;
        }
        const std::size_t d = distance(word, candidate);
        if (d < best_distance) {
            best_distance = d;
            best = candidate;
        }
    }
    return best.empty() ? "" : "did you mean '" + best + "'?";
}

ServiceSet parse_services(std::string_view text, const Place& place,
                          const NamedServices& services) {
    ServiceSet result;
    std::string literal;  // parts that belong together: "tcp/80,443"
    std::size_t literal_offset = 0;
    const auto at = [&](std::size_t offset) {
        Place there = place;
        there.column += there.column == 0 ? 0 : offset;
        return there;
    };
    const auto finish = [&] {
        if (literal.empty()) {
            return;
        }
        const std::optional<ServiceSet> parsed = parse_service(literal);
        if (!parsed) {
            throw InputError(at(literal_offset), "service", "'" + literal + "'",
                             "a name under services, or tcp/443, udp/53, tcp/80,443, "
                             "tcp/1024-65535, icmp, any, every",
                             "");
        }
        result |= *parsed;
        literal.clear();
    };
    const std::vector<Word> parts = service_words(text);
    if (parts.empty()) {
        throw InputError(place, "service", "nothing", "tcp/443, or a name under services", "");
    }
    for (const Word& part : parts) {
        if (const ServiceSet* named = services(part.text)) {
            finish();
            result |= *named;
            continue;
        }
        if (literal.empty()) {
            literal_offset = part.offset;
        }
        literal += (literal.empty() ? "" : ",") + part.text;
    }
    finish();
    return result;
}

SetExpression parse_set(std::string_view text, const Place& place) {
    Parser parser(text, place);
    SetExpression set = parser.set();
    if (!parser.done()) {
        parser.fail("+, -, & or the end");
    }
    return set;
}

FlowExpression parse_flow(std::string_view text, const Place& place,
                          const NamedServices& services) {
    Parser parser(text, place);
    FlowExpression flow;
    flow.text = std::string(text);
    flow.place = place;
    flow.from = parser.set();
    if (!parser.take("->")) {
        parser.fail("'->' between two sets", "a flow is written: web -> app on tcp/443");
    }
    flow.to = parser.set();
    while (!parser.done()) {
        if (parser.take("on")) {
            if (flow.services) {
                parser.fail("'on' once");
            }
            const Word* first = parser.peek();
            if (first == nullptr || is_reserved(first->text)) {
                parser.fail("a service");
            }
            const std::size_t begin = first->offset;
            std::size_t end = begin;
            while (!parser.done() && !parser.is("via") && !parser.is("not")) {
                const Word& word = parser.word();
                end = word.offset + word.text.size();
            }
            flow.services_text = std::string(text.substr(begin, end - begin));
            flow.services = parse_services(flow.services_text, parser.at(begin), services);
        } else if (parser.take("via")) {
            flow.via.push_back(parser.set());
        } else if (parser.take("not")) {
            if (!parser.take("via")) {
                parser.fail("'via' after 'not'");
            }
            flow.not_via.push_back(parser.set());
        } else {
            parser.fail("'on', 'via', 'not via' or the end");
        }
    }
    return flow;
}

}  // namespace azreach::config
