#include "src/plan/terraform_shape.hpp"

#include <algorithm>

namespace azreach::terraform {

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at) {
            result.push_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return result;
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view part = text.substr(0, comma);
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (!part.empty()) {
            parts.push_back(part);
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

bool is_set(const Cursor& at) { return at.value != nullptr && !at.value->is_null(); }

std::pair<Cursor, std::string> first_of(const Cursor& block, std::string_view names) {
    std::pair<Cursor, std::string> best;
    for (const std::string_view name : words(names)) {
        const Cursor at = block.member(name);
        if (is_set(at)) {
            return {at, std::string(name)};
        }
        if (best.second.empty() || (best.first.is_unset() && !at.is_unset())) {
            best = {at, std::string(name)};
        }
    }
    return best;
}

std::string key_of(std::string_view segment) {
    std::string key(segment);
    std::replace(key.begin(), key.end(), '~', '.');
    return key;
}

Value& at_path(Value& object, std::string_view path) {
    Value* here = &object;
    while (!path.empty()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        const std::string key = key_of(path.substr(0, dot));
        Value* inner = here->find(key);
        here = inner != nullptr ? inner : &here->set(key, Value::object());
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return *here;
}

Value with_place(Value value, const Value* from) {
    if (from != nullptr) {
        value.place = from->place;
        value.verbatim = false;
    }
    return value;
}

void place_all(Value& value, const Value& from) {
    value.place = from.place;
    value.verbatim = false;
    for (Value& item : value.items) {
        place_all(item, from);
    }
    for (auto& [key, member] : value.members) {
        place_all(member, from);
    }
}

std::string last_segment(std::string_view type) {
    return std::string(type.substr(type.rfind('/') + 1));
}

}  // namespace azreach::terraform
