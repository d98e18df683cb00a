#include "src/config/reader.hpp"

#include <algorithm>

namespace azreach::config {

namespace {

std::string shown(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null:
            return "nothing";
        case YamlNode::Kind::sequence:
            return "a list";
        case YamlNode::Kind::map:
            return "a map";
        case YamlNode::Kind::scalar:
            break;
    }
    constexpr std::size_t kShown = 80;
    return "'" + node.text.substr(0, kShown) + (node.text.size() > kShown ? "..." : "") + "'";
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

}  // namespace

void wrong(const YamlNode& node, const std::string& subject, const std::string& expected,
           const std::string& remedy) {
    throw InputError(node.place, subject, shown(node), expected, remedy);
}

const YamlNode* find(const YamlNode& map, std::string_view key) {
    for (const auto& [name, value] : map.pairs) {
        if (name.text == key) {
            return &value;
        }
    }
    return nullptr;
}

void check_keys(const YamlNode& map, std::string_view object, const std::string& subject) {
    if (map.kind != YamlNode::Kind::map) {
        wrong(map, subject, "a map of " + listed(known_keys(object)));
    }
    for (const auto& [key, value] : map.pairs) {
        const std::vector<std::string>& known = known_keys(object);
        if (std::find(known.begin(), known.end(), key.text) == known.end()) {
            throw InputError(key.place, subject, "the key '" + key.text.substr(0, 80) + "'",
                             listed(known), suggestion(key.text, known));
        }
    }
}

std::string text_of(const YamlNode& node, const std::string& subject) {
    if (node.kind != YamlNode::Kind::scalar || node.text.empty()) {
        wrong(node, subject, "a text");
    }
    return node.text;
}

bool truth_of(const YamlNode& node, const std::string& subject) {
    if (node.kind == YamlNode::Kind::scalar && !node.quoted) {
        if (node.text == "true" || node.text == "True" || node.text == "TRUE") {
            return true;
        }
        if (node.text == "false" || node.text == "False" || node.text == "FALSE") {
            return false;
        }
    }
    wrong(node, subject, "true or false");
}

std::vector<const YamlNode*> texts_of(const YamlNode& node, const std::string& subject) {
    std::vector<const YamlNode*> result;
    if (node.kind == YamlNode::Kind::sequence) {
        for (const YamlNode& item : node.items) {
            text_of(item, subject);
            result.push_back(&item);
        }
        if (result.empty()) {
            wrong(node, subject, "a text, or a list with at least one");
        }
        return result;
    }
    if (node.kind != YamlNode::Kind::scalar || node.text.empty()) {
        wrong(node, subject, "a text or a list of texts");
    }
    return {&node};
}

Date date_of(const YamlNode& node, const std::string& subject) {
    const auto date =
        node.kind == YamlNode::Kind::scalar ? parse_date(node.text) : std::optional<Date>{};
    if (!date) {
        wrong(node, subject, "a day such as 2027-03-31");
    }
    return *date;
}

Uint128 number_of(const YamlNode& node, const std::string& subject) {
    if (node.kind != YamlNode::Kind::scalar || node.quoted || node.text.empty() ||
        node.text.size() > 38 || node.text.find_first_not_of("0123456789") != std::string::npos) {
        wrong(node, subject, "a number from 0 on");
    }
    Uint128 value = 0;
    for (const char digit : node.text) {
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    return value;
}

Place text_place(const YamlNode& node) {
    Place place = node.place;
    if (node.quoted && place.column != 0) {
        ++place.column;
    }
    return place;
}

}  // namespace azreach::config
