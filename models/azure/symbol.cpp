#include "models/azure/symbol.hpp"

#include <algorithm>

namespace azreach {

std::string symbol(std::string_view name) {
    std::string result(kSymbolOpens);
    while (!name.empty()) {
        if (name.starts_with(kSymbolOpens) || name.starts_with(kSymbolCloses)) {
            name.remove_prefix(kSymbolOpens.size());
            continue;
        }
        if (name.front() == '/') {
            result += "\xE2\x88\x95";
        } else {
            result += name.front();
        }
        name.remove_prefix(1);
    }
    result += kSymbolCloses;
    return result;
}

std::vector<std::string> symbols_in(std::string_view text) {
    std::vector<std::string> names;
    for (std::size_t at = text.find(kSymbolOpens); at != std::string_view::npos;
         at = text.find(kSymbolOpens, at)) {
        at += kSymbolOpens.size();
        const std::size_t end = std::min(text.find(kSymbolCloses, at), text.size());
        std::string name(text.substr(at, end - at));
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(std::move(name));
        }
        at = end;
    }
    return names;
}

std::string symbol_names(std::string_view text) {
    std::string result;
    for (const std::string& name : symbols_in(text)) {
        result += (result.empty() ? "" : ", ") + name;
    }
    return result;
}

namespace {

/// Cuts the first segment off an id; symbols hold no slash.
std::string_view next_segment(std::string_view& rest) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    return segment;
}

}  // namespace

bool may_be_same(const ResourceId& a, const ResourceId& b) {
    std::string_view left = a.text();
    std::string_view right = b.text();
    if (left.starts_with(kSymbolOpens) || right.starts_with(kSymbolOpens)) {
        return true;
    }
    while (!left.empty() && !right.empty()) {
        const std::string_view one = next_segment(left);
        const std::string_view other = next_segment(right);
        if (!equal_ignoring_case(one, other) && !is_symbolic(one) && !is_symbolic(other)) {
            return false;
        }
    }
    return left.empty() && right.empty();
}

}  // namespace azreach
