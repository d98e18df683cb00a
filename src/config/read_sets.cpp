// Sets and their selectors.
#include <algorithm>

#include "src/config/reader.hpp"

namespace azreach::config {

namespace {

std::vector<std::string> patterns(const YamlNode& node, const std::string& subject) {
    std::vector<std::string> result;
    for (const YamlNode* text : texts_of(node, subject)) {
        result.push_back(text->text);
    }
    return result;
}

void read_tags(const YamlNode& node, const std::string& subject, Selector& selector) {
    if (node.kind == YamlNode::Kind::map) {
        for (const auto& [key, value] : node.pairs) {
            selector.tags.emplace_back(key.text, patterns(value, subject + " '" + key.text + "'"));
        }
        if (node.pairs.empty()) {
            wrong(node, subject, "tags, as in { env: prod }");
        }
        return;
    }
    for (const YamlNode* text : texts_of(node, subject)) {  // "env=prod"
        const std::size_t equals = text->text.find('=');
        if (equals == std::string::npos || equals == 0) {
            wrong(*text, subject, "KEY=VALUE, or a map as in { env: prod }");
        }
        selector.tags.emplace_back(text->text.substr(0, equals),
                                   std::vector<std::string>{text->text.substr(equals + 1)});
    }
}

Selector read_selector(const YamlNode& node, const std::string& subject) {
    check_keys(node, "selector", subject);
    Selector selector;
    selector.place = node.place;
    if (node.pairs.empty()) {
        wrong(node, subject, "at least one key", "everything is the built-in set 'any'");
    }
    const struct {
        const char* key;
        std::vector<std::string> Selector::*values;
    } kLists[] = {{"type", &Selector::types},
                  {"name", &Selector::names},
                  {"id", &Selector::ids},
                  {"rg", &Selector::groups},
                  {"subscription", &Selector::subscriptions},
                  {"vnet", &Selector::vnets},
                  {"subnet", &Selector::subnets},
                  {"asg", &Selector::asgs},
                  {"region", &Selector::regions}};
    for (const auto& list : kLists) {
        if (const YamlNode* values = find(node, list.key)) {
            selector.*list.values = patterns(*values, subject + ", " + list.key);
        }
    }
    if (const YamlNode* tags = find(node, "tag")) {
        read_tags(*tags, subject + ", tag", selector);
    }
    if (const YamlNode* prefixes = find(node, "prefix")) {
        for (const YamlNode* text : texts_of(*prefixes, subject + ", prefix")) {
            const auto parsed = parse_prefix(text->text);
            if (!parsed) {
                wrong(*text, subject + ", prefix", "an address or prefix such as 10.0.0.0/8");
            }
            selector.prefixes.push_back(parsed->prefix);
        }
    }
    if (const YamlNode* except = find(node, "except")) {
        if (except->kind == YamlNode::Kind::sequence) {
            for (const YamlNode& item : except->items) {
                selector.except.push_back(read_selector(item, subject + ", except"));
            }
        } else {
            selector.except.push_back(read_selector(*except, subject + ", except"));
        }
    }
    return selector;
}

}  // namespace

SetDefinition read_set(const std::string& name, const YamlNode& node) {
    const std::string subject = "set '" + name + "'";
    SetDefinition set;
    set.name = name;
    set.place = node.place;
    const auto add = [&](const YamlNode& part) {
        if (part.kind == YamlNode::Kind::map) {
            set.selectors.push_back(read_selector(part, subject));
        } else if (part.kind == YamlNode::Kind::scalar && !part.text.empty()) {
            set.expressions.push_back(parse_set(part.text, text_place(part)));
        } else {
            wrong(part, subject, "a selector as in { vnet: vnet-prod }, a prefix, or other sets");
        }
    };
    if (node.kind == YamlNode::Kind::sequence) {
        for (const YamlNode& item : node.items) {
            add(item);
        }
        if (node.items.empty()) {
            wrong(node, subject, "at least one selector");
        }
    } else {
        add(node);
    }
    return set;
}

}  // namespace azreach::config
