#include "models/azure/resource_id.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace azreach {

namespace {

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Ids are long, share long beginnings, and are compared and hashed for every reference: eight bytes
// at a time.

std::uint64_t word_at(const char* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
}

constexpr std::uint64_t repeated(std::uint64_t byte) { return byte * 0x0101010101010101ULL; }

/// Eight bytes with ASCII capitals made small.
std::uint64_t folded(std::uint64_t word) {
    const std::uint64_t low = word & repeated(0x7F);
    const std::uint64_t from_a = low + repeated(0x80 - 'A');
    const std::uint64_t beyond_z = low + repeated(0x7F - 'Z');
    const std::uint64_t capital = (from_a ^ beyond_z) & ~word & repeated(0x80);
    return word | capital >> 2;
}

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
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const std::uint64_t x = word_at(a.data() + i);
        const std::uint64_t y = word_at(b.data() + i);
        if (x != y && folded(x) != folded(y)) {
            break;
        }
    }
    for (; i < n; ++i) {
        const char x = folded(a[i]);
        const char y = folded(b[i]);
        if (x != y) {
            return static_cast<unsigned char>(x) <=> static_cast<unsigned char>(y);
        }
    }
    return a.size() <=> b.size();
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && compare_ignoring_case(a, b) == std::strong_ordering::equal;
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
    return text_.size() >= n &&
           equal_ignoring_case(std::string_view(text_).substr(0, n), ancestor.text_) &&
           (text_.size() == n || text_[n] == '/');
}

std::size_t ResourceId::hash() const {
    std::uint64_t h = 1469598103934665603ULL ^ text_.size();
    const auto mix = [&](std::uint64_t word) {
        h = (h ^ word) * 0x9E3779B97F4A7C15ULL;
        h ^= h >> 32;
    };
    std::size_t i = 0;
    for (; i + 8 <= text_.size(); i += 8) {
        mix(folded(word_at(text_.data() + i)));
    }
    std::uint64_t last = 0;
    std::memcpy(&last, text_.data() + i, text_.size() - i);
    mix(folded(last));
    return static_cast<std::size_t>(h);
}

}  // namespace azreach
