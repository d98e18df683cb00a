#include "src/arm/json_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

#include "models/azure/diagnostic.hpp"

namespace azreach {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
/// Below this size no ratio is suspicious.
constexpr std::size_t kHarmless = std::size_t{1} << 24;

[[noreturn]] void refuse(const std::string& name, const std::string& found,
                         const std::string& expected, const std::string& remedy = {}) {
    Place place;
    place.file = name;
    throw InputError(place, "", found, expected, remedy);
}

void check_size(const std::string& name, std::size_t packed, std::size_t size,
                const TextLimits& limits) {
    if (size > limits.max_bytes) {
        refuse(name, "more than " + std::to_string(limits.max_bytes) + " bytes", "less",
               "split the export into several files");
    }
    if (size > kHarmless && size / std::max<std::size_t>(packed, 1) > limits.max_ratio) {
        refuse(name,
               "a file that grows more than " + std::to_string(limits.max_ratio) +
                   "-fold when decompressed",
               "an export of Azure resources");
    }
}

/// Room for one more chunk behind `size` bytes.
void make_room(TextBuffer& text, std::size_t& capacity, std::size_t size) {
    if (size + kChunk > capacity) {
        text.set_size(size);
        capacity = std::max(2 * capacity, size + kChunk);
        text.reserve(capacity);
    }
}

TextBuffer gunzip(const std::string& name, const TextBuffer& packed, const TextLimits& limits) {
    struct Stream : z_stream {
        Stream() : z_stream{} {}
        Stream(const Stream&) = delete;
        Stream& operator=(const Stream&) = delete;
        ~Stream() { inflateEnd(this); }
    } stream;
    constexpr int kGzipOnly = 15 + 16;
    if (inflateInit2(&stream, kGzipOnly) != Z_OK) {
        refuse(name, "gzip data that cannot be opened", "gzip data");
    }
    TextBuffer text;
    std::size_t capacity = 4 * packed.size() + kChunk;
    text.reserve(capacity);
    std::size_t size = 0;
    std::size_t consumed = 0;
    while (true) {
        make_room(text, capacity, size);
        const std::size_t offered = std::min<std::size_t>(packed.size() - consumed, 1U << 30);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + consumed));
        stream.avail_in = static_cast<uInt>(offered);
        stream.next_out = reinterpret_cast<Bytef*>(text.data() + size);
        stream.avail_out = static_cast<uInt>(kChunk);
        const int status = inflate(&stream, Z_NO_FLUSH);
        consumed += offered - stream.avail_in;
        size += kChunk - stream.avail_out;
        check_size(name, packed.size(), size, limits);
        if (status == Z_STREAM_END) {
            if (consumed == packed.size()) {
                break;
            }
            // Members may follow one another; zeros at the end are padding.
            if (packed.view().find_first_not_of('\0', consumed) == std::string_view::npos) {
                break;
            }
            inflateReset(&stream);
        } else if (status != Z_OK || (consumed == packed.size() && stream.avail_out != 0)) {
            refuse(name, "gzip data that is damaged or cut off", "complete gzip data");
        }
    }
    text.set_size(size);
    return text;
}

TextBuffer unzstd(const std::string& name, const TextBuffer& packed, const TextLimits& limits) {
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    const std::unique_ptr<ZSTD_DStream, Free> stream(ZSTD_createDStream());
    TextBuffer text;
    std::size_t capacity = 4 * packed.size() + kChunk;
    text.reserve(capacity);
    std::size_t size = 0;
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    while (true) {
        make_room(text, capacity, size);
        ZSTD_outBuffer out{text.data() + size, kChunk, 0};
        const std::size_t left = ZSTD_decompressStream(stream.get(), &out, &in);
        if (ZSTD_isError(left) != 0) {
            refuse(name, "zstd data that is damaged", "complete zstd data");
        }
        size += out.pos;
        check_size(name, packed.size(), size, limits);
        if (in.pos == in.size && out.pos < out.size) {
            if (left != 0) {
                refuse(name, "zstd data that is cut off", "complete zstd data");
            }
            break;
        }
    }
    text.set_size(size);
    return text;
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto byte = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | (code >> 6));
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | (code >> 12));
        byte(0x80 | ((code >> 6) & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | (code >> 18));
        byte(0x80 | ((code >> 12) & 0x3F));
        byte(0x80 | ((code >> 6) & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

TextBuffer from_utf16(const std::string& name, std::string_view bytes, bool big,
                      std::size_t begin) {
    const auto broken = [&](std::size_t at) {
        refuse(name, "broken UTF-16 at byte " + std::to_string(at), "UTF-8 or UTF-16 text");
    };
    const auto unit = [&](std::size_t i) -> std::uint32_t {
        const std::uint32_t a = static_cast<unsigned char>(bytes[i]);
        const std::uint32_t b = static_cast<unsigned char>(bytes[i + 1]);
        return big ? a << 8 | b : b << 8 | a;
    };
    if (bytes.size() % 2 != 0) {
        broken(bytes.size() - 1);
    }
    TextBuffer result;
    result.reserve(bytes.size() / 2 + bytes.size() / 8);
    std::string part;
    for (std::size_t i = begin; i < bytes.size(); i += 2) {
        std::uint32_t code = unit(i);
        if (code >= 0xD800 && code < 0xDC00) {
            if (i + 3 >= bytes.size() || unit(i + 2) < 0xDC00 || unit(i + 2) > 0xDFFF) {
                broken(i);
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
            i += 2;
        } else if (code >= 0xDC00 && code <= 0xDFFF) {
            broken(i);
        }
        append_utf8(part, code);
        if (part.size() > 4096) {
            result.append(part);
            part.clear();
        }
    }
    result.append(part);
    return result;
}

}  // namespace

TextBuffer read_file(const std::string& path, const TextLimits& limits) {
    struct File {
        int descriptor;
        explicit File(const std::string& name)
            : descriptor(::open(name.c_str(), O_RDONLY | O_CLOEXEC)) {}
        File(const File&) = delete;
        File& operator=(const File&) = delete;
        ~File() {
            if (descriptor >= 0) {
                ::close(descriptor);
            }
        }
    };
    const auto unreadable = [&] {
        const std::string reason = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
        refuse(path, "a file that cannot be read (" + reason + ")", "a readable file");
    };
    const File file(path);
    if (file.descriptor < 0) {
        unreadable();
    }
    struct stat about {};
    if (::fstat(file.descriptor, &about) != 0) {
        unreadable();
    }
    TextBuffer bytes;
    // One byte more than the file has: reading less than asked for is the end, without growing.
    std::size_t capacity =
        S_ISREG(about.st_mode) ? static_cast<std::size_t>(about.st_size) + 1 : kChunk;
    if (S_ISREG(about.st_mode)) {
        check_size(path, capacity, capacity - 1, limits);
    }
    bytes.reserve(capacity);
    std::size_t size = 0;
    while (true) {
        if (size == capacity) {
            bytes.set_size(size);
            capacity *= 2;
            bytes.reserve(capacity);
        }
        const ssize_t count = ::read(file.descriptor, bytes.data() + size, capacity - size);
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            unreadable();
        }
        if (count == 0) {
            break;
        }
        size += static_cast<std::size_t>(count);
        check_size(path, size, size, limits);
    }
    bytes.set_size(size);
    return bytes;
}

TextBuffer decompressed(const std::string& name, TextBuffer bytes, const TextLimits& limits) {
    const std::string_view text = bytes.view();
    if (text.starts_with("\x1f\x8b")) {
        return gunzip(name, bytes, limits);
    }
    if (text.starts_with("\x28\xb5\x2f\xfd")) {
        return unzstd(name, bytes, limits);
    }
    check_size(name, text.size(), text.size(), limits);
    return bytes;
}

bool is_plain(std::string_view text) {
    return !text.starts_with("\xEF\xBB\xBF") && !text.starts_with("\xFF\xFE") &&
           !text.starts_with("\xFE\xFF") && text.substr(0, 2).find('\0') == std::string_view::npos;
}

TextBuffer as_utf8(const std::string& name, TextBuffer bytes) {
    const std::string_view text = bytes.view();
    if (text.starts_with("\xEF\xBB\xBF")) {
        bytes.remove_prefix(3);
        return bytes;
    }
    if (text.size() >= 2) {
        if (text.starts_with("\xFF\xFE")) {
            return from_utf16(name, text, false, 2);
        }
        if (text.starts_with("\xFE\xFF")) {
            return from_utf16(name, text, true, 2);
        }
        // UTF-16 without a mark: JSON begins with an ASCII character.
        if (text[0] == '\0' && text[1] != '\0') {
            return from_utf16(name, text, true, 0);
        }
        if (text[0] != '\0' && text[1] == '\0') {
            return from_utf16(name, text, false, 0);
        }
    }
    return bytes;
}

bool blank_out_comments(char* text, std::size_t size) {
    bool changed = false;
    std::size_t i = 0;
    std::size_t last_comma = size;  // a comma after which only blanks came; size: none
    const auto blank = [&](std::size_t at) {
        // A byte of a longer UTF-8 character becomes a blank of its own: columns count bytes.
        if (text[at] != '\n' && text[at] != '\r') {
            text[at] = ' ';
        }
        changed = true;
    };
    while (i < size) {
        const char c = text[i];
        if (c == '"') {
            last_comma = size;
            ++i;
            while (i < size && text[i] != '"') {
                i += text[i] == '\\' ? 2U : 1U;
            }
            ++i;
        } else if (c == '/' && i + 1 < size && text[i + 1] == '/') {
            while (i < size && text[i] != '\n') {
                blank(i++);
            }
        } else if (c == '/' && i + 1 < size && text[i + 1] == '*') {
            const std::string_view rest(text + i + 2, size - i - 2);
            const std::size_t close = rest.find("*/");
            if (close == std::string_view::npos) {
                return changed;  // never closed: what follows is an error that the parser reports
            }
            for (const std::size_t end = i + 2 + close + 2; i < end; ++i) {
                blank(i);
            }
        } else {
            if (c == ',') {
                last_comma = i;
            } else if ((c == '}' || c == ']') && last_comma < size) {
                blank(last_comma);
                last_comma = size;
            } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                last_comma = size;
            }
            ++i;
        }
    }
    return changed;
}

}  // namespace azreach
