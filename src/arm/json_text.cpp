#include "src/arm/json_text.hpp"

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "models/azure/diagnostic.hpp"

namespace azreach {

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& found,
                         const std::string& expected, const std::string& remedy = {}) {
    Place place;
    place.file = name;
    throw InputError(place, "", found, expected, remedy);
}

void check_size(const std::string& name, std::size_t packed, std::size_t size,
                const TextLimits& limits) {
    if (size > limits.max_bytes) {
        refuse(name, "more than " + std::to_string(limits.max_bytes) + " bytes when decompressed",
               "less", "split the export into several files");
    }
    if (size > (std::size_t{1} << 24) && size / std::max<std::size_t>(packed, 1) > limits.max_ratio) {
        refuse(name,
               "a file that grows more than " + std::to_string(limits.max_ratio) +
                   "-fold when decompressed",
               "an export of Azure resources");
    }
}

std::string gunzip(const std::string& name, const std::string& bytes, const TextLimits& limits) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 32) != Z_OK) {
        refuse(name, "gzip data that cannot be opened", "gzip data");
    }
    std::string result;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, 1 << 16> buffer{};
    int status = Z_OK;
    while (status != Z_STREAM_END) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        status = inflate(&stream, Z_NO_FLUSH);
        const bool ok = status == Z_OK || status == Z_STREAM_END;
        if (!ok || (status == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
            inflateEnd(&stream);
            refuse(name, "gzip data that is damaged or cut off", "complete gzip data");
        }
        result.append(buffer.data(), buffer.size() - stream.avail_out);
        if (result.size() > limits.max_bytes ||
            (result.size() > (std::size_t{1} << 24) &&
             result.size() / std::max<std::size_t>(bytes.size(), 1) > limits.max_ratio)) {
            inflateEnd(&stream);
            check_size(name, bytes.size(), result.size(), limits);
        }
        if (status == Z_STREAM_END && stream.avail_in > 0) {  // members may follow one another
            if (inflateReset(&stream) == Z_OK) {
                status = Z_OK;
            }
        }
    }
    inflateEnd(&stream);
    return result;
}

std::string unzstd(const std::string& name, const std::string& bytes, const TextLimits& limits) {
    ZSTD_DStream* stream = ZSTD_createDStream();
    std::string result;
    std::array<char, 1 << 16> buffer{};
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size) {
        ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
        left = ZSTD_decompressStream(stream, &out, &in);
        if (ZSTD_isError(left) != 0) {
            ZSTD_freeDStream(stream);
            refuse(name, "zstd data that is damaged", "complete zstd data");
        }
        result.append(buffer.data(), out.pos);
        if (result.size() > limits.max_bytes ||
            (result.size() > (std::size_t{1} << 24) &&
             result.size() / std::max<std::size_t>(bytes.size(), 1) > limits.max_ratio)) {
            ZSTD_freeDStream(stream);
            check_size(name, bytes.size(), result.size(), limits);
        }
    }
    while (left != 0) {  // what the decoder still holds
        ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
        left = ZSTD_decompressStream(stream, &out, &in);
        if (ZSTD_isError(left) != 0 || out.pos == 0) {
            break;
        }
        result.append(buffer.data(), out.pos);
    }
    ZSTD_freeDStream(stream);
    if (left != 0) {
        refuse(name, "zstd data that is cut off", "complete zstd data");
    }
    return result;
}

void append_utf8(std::string& text, std::uint32_t code) {
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0 | (code >> 6));
        text += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0 | (code >> 12));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        text += static_cast<char>(0xF0 | (code >> 18));
        text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
    }
}

std::string from_utf16(const std::string& name, const std::string& bytes, bool big,
                       std::size_t begin) {
    std::string text;
    text.reserve(bytes.size() / 2);
    const auto unit = [&](std::size_t i) {
        const auto a = static_cast<unsigned char>(bytes[i]);
        const auto b = static_cast<unsigned char>(bytes[i + 1]);
        return static_cast<std::uint32_t>(big ? (a << 8) | b : (b << 8) | a);
    };
    for (std::size_t i = begin; i + 1 < bytes.size(); i += 2) {
        std::uint32_t code = unit(i);
        if (code >= 0xD800 && code < 0xDC00) {
            if (i + 3 >= bytes.size() || unit(i + 2) < 0xDC00 || unit(i + 2) > 0xDFFF) {
                refuse(name, "broken UTF-16 at byte " + std::to_string(i), "UTF-8 or UTF-16 text");
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
            i += 2;
        } else if (code >= 0xDC00 && code <= 0xDFFF) {
            refuse(name, "broken UTF-16 at byte " + std::to_string(i), "UTF-8 or UTF-16 text");
        }
        append_utf8(text, code);
    }
    return text;
}

}  // namespace

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        const std::string reason = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
        refuse(path, "a file that cannot be read (" + reason + ")", "a readable file");
    }
    file.seekg(0, std::ios::end);
    const std::streamoff size = file.tellg();
    std::string bytes;
    if (size > 0) {
        bytes.resize(static_cast<std::size_t>(size));
        file.seekg(0);
        file.read(bytes.data(), size);
        bytes.resize(static_cast<std::size_t>(file.gcount()));
    } else {
        file.clear();
        file.seekg(0);
        bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return bytes;
}

std::string decompressed(const std::string& name, std::string bytes, const TextLimits& limits) {
    if (bytes.size() > limits.max_bytes) {
        check_size(name, bytes.size(), bytes.size(), limits);
    }
    if (bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b') {
        return gunzip(name, bytes, limits);
    }
    if (bytes.size() >= 4 && bytes.compare(0, 4, "\x28\xb5\x2f\xfd") == 0) {
        return unzstd(name, bytes, limits);
    }
    return bytes;
}

std::string as_utf8(const std::string& name, std::string bytes) {
    if (bytes.size() >= 3 && bytes.compare(0, 3, "\xEF\xBB\xBF") == 0) {
        bytes.erase(0, 3);
        return bytes;
    }
    if (bytes.size() >= 2) {
        if (bytes[0] == '\xFF' && bytes[1] == '\xFE') {
            return from_utf16(name, bytes, false, 2);
        }
        if (bytes[0] == '\xFE' && bytes[1] == '\xFF') {
            return from_utf16(name, bytes, true, 2);
        }
        // UTF-16 without a mark: JSON begins with two ASCII characters.
        if (bytes[0] == '\0' && bytes[1] != '\0') {
            return from_utf16(name, bytes, true, 0);
        }
        if (bytes[0] != '\0' && bytes[1] == '\0') {
            return from_utf16(name, bytes, false, 0);
        }
    }
    return bytes;
}

std::string without_comments(std::string text) {
    std::size_t i = 0;
    std::size_t last_comma = std::string::npos;  // a comma after which only blanks came
    while (i < text.size()) {
        const char c = text[i];
        if (c == '"') {
            last_comma = std::string::npos;
            ++i;
            while (i < text.size() && text[i] != '"') {
                i += text[i] == '\\' ? 2U : 1U;
            }
            ++i;
        } else if (c == '/' && i + 1 < text.size() && text[i + 1] == '/') {
            while (i < text.size() && text[i] != '\n') {
                text[i++] = ' ';
            }
        } else if (c == '/' && i + 1 < text.size() && text[i + 1] == '*') {
            while (i < text.size() && !(text[i] == '*' && i + 1 < text.size() && text[i + 1] == '/')) {
                if (text[i] != '\n') {
                    text[i] = ' ';
                }
                ++i;
            }
            for (int end = 0; end < 2 && i < text.size(); ++end) {
                text[i++] = ' ';
            }
        } else {
            if (c == ',') {
                last_comma = i;
            } else if ((c == '}' || c == ']') && last_comma != std::string::npos) {
                text[last_comma] = ' ';
                last_comma = std::string::npos;
            } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                last_comma = std::string::npos;
            }
            ++i;
        }
    }
    return text;
}

std::string sha256(const std::string& bytes) {
    static constexpr std::array<std::uint32_t, 64> kRound = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2};
    std::array<std::uint32_t, 8> h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const auto rotate = [](std::uint32_t x, int n) { return (x >> n) | (x << (32 - n)); };
    const auto block = [&](const unsigned char* data) {
        std::array<std::uint32_t, 64> w{};
        for (std::size_t i = 0; i < 16; ++i) {
            w[i] = static_cast<std::uint32_t>(data[4 * i] << 24 | data[4 * i + 1] << 16 |
                                              data[4 * i + 2] << 8 | data[4 * i + 3]);
        }
        for (std::size_t i = 16; i < 64; ++i) {
            const std::uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
            const std::uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        std::array<std::uint32_t, 8> v = h;
        for (std::size_t i = 0; i < 64; ++i) {
            const std::uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
            const std::uint32_t ch = (v[4] & v[5]) ^ (~v[4] & v[6]);
            const std::uint32_t t1 = v[7] + s1 + ch + kRound[i] + w[i];
            const std::uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
            const std::uint32_t maj = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            const std::uint32_t t2 = s0 + maj;
            v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
        }
        for (std::size_t i = 0; i < 8; ++i) {
            h[i] += v[i];
        }
    };
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t at = 0;
    for (; at + 64 <= bytes.size(); at += 64) {
        block(data + at);
    }
    std::array<unsigned char, 128> tail{};
    const std::size_t rest = bytes.size() - at;
    std::memcpy(tail.data(), data + at, rest);
    tail[rest] = 0x80;
    const std::size_t tail_size = rest + 9 <= 64 ? 64 : 128;
    const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
    for (std::size_t i = 0; i < 8; ++i) {
        tail[tail_size - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    }
    block(tail.data());
    if (tail_size == 128) {
        block(tail.data() + 64);
    }
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text;
    for (const std::uint32_t word : h) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            text += kHex[(word >> shift) & 0xF];
        }
    }
    return text;
}

}  // namespace azreach
