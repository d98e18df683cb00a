#include "src/arm/text_buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace azreach {

namespace {

constexpr std::size_t kHugePage = std::size_t{1} << 21;

}  // namespace

void TextBuffer::Free::operator()(char* bytes) const {
    std::free(bytes);  // NOLINT(cppcoreguidelines-no-malloc)
}

void TextBuffer::reserve(std::size_t capacity) {
    if (capacity <= capacity_ && bytes_) {
        return;
    }
    std::size_t room = capacity + kPadding;
    std::unique_ptr<char, Free> grown;
    if (room >= 2 * kHugePage) {
        room = (room + kHugePage - 1) / kHugePage * kHugePage;
        grown.reset(static_cast<char*>(std::aligned_alloc(kHugePage, room)));
#ifdef MADV_HUGEPAGE
        if (grown) {
            ::madvise(grown.get(), room, MADV_HUGEPAGE);
        }
#endif
    } else {
        grown.reset(static_cast<char*>(std::malloc(room)));  // NOLINT(cppcoreguidelines-no-malloc)
    }
    if (!grown) {
        throw std::bad_alloc();
    }
    if (size_ > 0) {
        std::memcpy(grown.get(), bytes_.get(), size_);
    }
    bytes_ = std::move(grown);
    capacity_ = room - kPadding;
    set_size(size_);
}

void TextBuffer::append(std::string_view text) {
    if (!bytes_ || text.size() > capacity_ - size_) {
        reserve(std::max(size_ + text.size(), 2 * capacity_));
    }
    if (!text.empty()) {
        std::memcpy(bytes_.get() + size_, text.data(), text.size());
    }
    set_size(size_ + text.size());
}

void TextBuffer::set_size(std::size_t size) {
    size_ = size;
    std::memset(bytes_.get() + size_, 0, kPadding);
}

void TextBuffer::remove_prefix(std::size_t count) {
    std::memmove(bytes_.get(), bytes_.get() + count, size_ - count);
    set_size(size_ - count);
}

}  // namespace azreach
