#include "models/azure/resource_id.hpp"

#include <algorithm>
#include <vector>

namespace azreach {

namespace {

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::vector<std::string_view> segments(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        if (end > begin) {
            parts.push_back(text.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return parts;
}

std::string_view value_after(std::string_view text, std::string_view key) {
    const auto parts = segments(text);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (equal_ignoring_case(parts[i], key)) {
            return parts[i + 1];
        }
    }
    return {};
}

}  // namespace

std::strong_ordering compare_ignoring_case(std::string_view a, std::string_view b) {
    const std::size_t n = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < n; ++i) {
        const char x = folded(a[i]);
        const char y = folded(b[i]);
        if (x != y) {
            return static_cast<unsigned char>(x) <=> static_cast<unsigned char>(y);
        }
    }
    return a.size() <=> b.size();
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return folded(x) == folded(y);
           });
}

ResourceId::ResourceId(std::string text) : text_(std::move(text)) {
    while (text_.size() > 1 && text_.back() == '/') {
        text_.pop_back();
    }
}

std::string_view ResourceId::name() const {
    const std::size_t slash = text_.rfind('/');
    return slash == std::string::npos ? std::string_view(text_)
                                      : std::string_view(text_).substr(slash + 1);
}

std::string ResourceId::type() const {
    const auto parts = segments(text_);
    for (std::size_t i = parts.size(); i > 0; --i) {
        if (equal_ignoring_case(parts[i - 1], "providers") && i < parts.size()) {
            std::string type(parts[i]);
            for (std::size_t j = i + 1; j < parts.size(); j += 2) {
                type += "/" + std::string(parts[j]);
            }
            return type;
        }
    }
    return "";
}

std::string_view ResourceId::subscription() const { return value_after(text_, "subscriptions"); }

std::string_view ResourceId::resource_group() const { return value_after(text_, "resourceGroups"); }

ResourceId ResourceId::parent() const {
    const auto parts = segments(text_);
    for (std::size_t i = parts.size(); i > 0; --i) {
        if (equal_ignoring_case(parts[i - 1], "providers")) {
            if (parts.size() - i < 5) {  // namespace, type, name: top level
                return {};
            }
            std::string_view rest = text_;
            for (int cut = 0; cut < 2; ++cut) {
                rest = rest.substr(0, rest.rfind('/'));
            }
            return ResourceId(std::string(rest));
        }
    }
    return {};
}

ResourceId ResourceId::child(std::string_view type, std::string_view name) const {
    std::string text;
    text.reserve(text_.size() + type.size() + name.size() + 2);
    text.append(text_).append("/").append(type).append("/").append(name);
    return ResourceId(std::move(text));
}

bool ResourceId::is_within(const ResourceId& ancestor) const {
    const std::size_t n = ancestor.text_.size();
    return text_.size() >= n && equal_ignoring_case(std::string_view(text_).substr(0, n), ancestor.text_) &&
           (text_.size() == n || text_[n] == '/');
}

std::size_t ResourceId::hash() const {
    std::uint64_t h = 1469598103934665603ULL;
    for (const char c : text_) {
        h = (h ^ static_cast<unsigned char>(folded(c))) * 1099511628211ULL;
    }
    return static_cast<std::size_t>(h);
}

}  // namespace azreach
