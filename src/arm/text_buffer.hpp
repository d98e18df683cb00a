// The bytes of one source, with the padding that the parser needs behind them.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace azreach {

/// An owned, growable run of bytes. Not a std::string: growing does not clear what is overwritten
/// anyway, and large buffers ask for huge pages (half of a plain read() is page faults).
class TextBuffer {
public:
    static constexpr std::size_t kPadding = 64;  // readable, zero, behind the last byte

    TextBuffer() = default;
    explicit TextBuffer(std::string_view text) { append(text); }

    char* data() { return bytes_.get(); }
    const char* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }
    std::string_view view() const { return {bytes_.get(), size_}; }

    /// Room for `capacity` bytes and the padding.
    void reserve(std::size_t capacity);
    void append(std::string_view text);
    /// Takes the first `size` bytes of what was written into data(); size <= reserved.
    void set_size(std::size_t size);
    void remove_prefix(std::size_t count);

private:
    struct Free {
        void operator()(char* bytes) const;
    };
    std::unique_ptr<char, Free> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace azreach
