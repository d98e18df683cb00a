// From bytes to plain JSON text: compression, encodings, comments, and the digest.
#include <zlib.h>
#include <zstd.h>

#include "src/arm/json_scan.hpp"
#include "src/arm/json_text.hpp"
#include "src/arm/sha256.hpp"
#include "tests/arm/arm_text.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::arm_text;

namespace {

std::string gzip(const std::string& text) {
    std::string packed(compressBound(text.size()) + 64, '\0');
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string zstd(const std::string& text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
    return packed;
}

std::string utf16(const std::u16string& text, bool big, bool mark) {
    std::string bytes;
    const auto put = [&](char16_t unit) {
        const char high = static_cast<char>(unit >> 8);
        const char low = static_cast<char>(unit & 0xFF);
        bytes += big ? high : low;
        bytes += big ? low : high;
    };
    if (mark) {
        put(u'\uFEFF');
    }
    for (const char16_t unit : text) {
        put(unit);
    }
    return bytes;
}

std::string group_text() { return list({group_with({named("r", rule(kAny))})}); }

}  // namespace

TEST_CASE("compressed files are told by their first bytes", "[arm]") {
    const std::string plain = group_text();
    const std::string digest = import_text("a", plain).snapshot.digest;
    for (const std::string& packed :
         {gzip(plain), zstd(plain), gzip(plain.substr(0, 9)) + gzip(plain.substr(9)),
          zstd(plain.substr(0, 9)) + zstd(plain.substr(9)), gzip(plain) + std::string(512, '\0')}) {
        const Imported imported = import_text("a", packed);
        CHECK(imported.snapshot.security_groups.size() == 1);
        CHECK(imported.snapshot.digest == digest);  // of the decompressed bytes
    }
    CHECK_THAT(refusal(gzip(plain).substr(0, 40)), Catch::Contains("cut off"));
    CHECK_THAT(refusal(zstd(plain).substr(0, 40)), Catch::Contains("zstd"));
}

TEST_CASE("a bomb is refused before it is unpacked", "[arm]") {
    const std::string blanks(std::size_t{64} << 20, ' ');
    ImportOptions options;
    options.max_ratio = 100;
    for (const std::string& packed : {gzip(blanks), zstd(blanks)}) {
        CHECK_THAT(refusal(packed, options), Catch::Contains("more than 100-fold"));
        ImportOptions small;
        small.max_ratio = 1'000'000;
        small.max_bytes = 1 << 20;
        CHECK_THAT(refusal(packed, small), Catch::Contains("more than 1048576 bytes"));
    }
}

TEST_CASE("UTF-16 in both orders, with and without a mark", "[arm]") {
    std::u16string text;
    for (const char c : list({resource("networkSecurityGroups/n", "{}", R"(,"location":"@")")})) {
        if (c == '@') {
            text += u"Zürich \U0001F600";
        } else {
            text += static_cast<char16_t>(c);
        }
    }
    for (const bool big : {false, true}) {
        for (const bool mark : {false, true}) {
            const Imported imported = import_text("a", utf16(text, big, mark));
            CHECK(imported.snapshot.security_groups.begin()->second.header.location ==
                  "Z\xC3\xBCrich \xF0\x9F\x98\x80");
        }
    }
}

TEST_CASE("comments and trailing commas keep lines and columns", "[arm]") {
    const std::string text =
        "// exported \"today\" {[\n"
        "{ /* two\n lines */ \"value\": [\n"
        "  {\"id\":\"" +
        kNet +
        "networkSecurityGroups/n\", // the group\n"
        "   \"properties\": {\"securityRules\": [\n"
        "      {\"name\":\"r//*not a comment*/\", \"properties\":" +
        rule(kAny) +
        ",},\n"
        "    ],},\n"
        "  },\n"
        "]}\n";
    const Imported imported = import_text("in.json", text);
    const auto& rules = imported.snapshot.security_groups.at(id("networkSecurityGroups/n")).rules;
    REQUIRE(rules.size() == 1);
    CHECK(rules.front().name == "r//*not a comment*/");
    const Place place = imported.places->locate(rules.front().where);
    CHECK(place.line == 6);
    CHECK(place.column == 7);
    CHECK_THAT(refusal("{\"value\":[] /* never closed"), Catch::Contains("in.json"));
}

TEST_CASE("comments are found in large files too", "[arm]") {
    std::vector<std::string> groups;
    for (int i = 0; i < 3000; ++i) {
        groups.push_back(resource("networkSecurityGroups/n" + std::to_string(i), "{}") +
                         (i == 2000 ? " // two thousand" : "") + "\n");
    }
    std::string text = list(groups);
    CHECK(import_text("a", text).snapshot.security_groups.size() == 3000);
    const std::size_t comma = text.rfind("}\n]");
    text.insert(comma, ",");  // within the last resource
    CHECK(import_text("a", text).snapshot.security_groups.size() == 3000);
    text.insert(text.rfind("]}"), ",");  // behind it
    CHECK(import_text("a", text).snapshot.security_groups.size() == 3000);
}

TEST_CASE("SHA-256 agrees with the standard and with itself", "[arm]") {
    CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    std::string text;
    for (int i = 0; i < 300; ++i) {
        CHECK(sha256(text) == detail::sha256_portable(text));
        text += static_cast<char>(i * 7);
    }
}

TEST_CASE("the digest is over sorted hex values, one a line", "[arm]") {
    const std::string a = group_text();
    const std::string b = list({resource("routeTables/r", "{}")});
    std::vector<std::string> values = {sha256(a), sha256(b)};
    std::sort(values.begin(), values.end());
    CHECK(import_texts({{"a", a}, {"b", b}}).snapshot.digest ==
          "sha256:" + sha256(values[0] + "\n" + values[1] + "\n"));
}

TEST_CASE("the outline agrees with the slow walk on every cut of a text", "[arm]") {
    const std::string text =
        R"({"a\\\"]":[{"b":"}{][\\","c":[[],{}]},{"d":"\\\\"}, 7, "x\"y"],"e":{"f":[1,[2,[3]]]},"g":-1.5e3} )";
    REQUIRE(json::Outline(text).complete());
    for (std::size_t shift = 0; shift < 70; ++shift) {
        const std::string moved = std::string(shift, ' ') + text;
        const json::Outline outline(moved);
        CHECK(outline.complete());
        CHECK(outline.deepest() == 5);
        const auto fast = json::members(moved, shift, &outline);
        const auto slow = json::members(moved, shift);
        REQUIRE(fast);
        REQUIRE(slow);
        REQUIRE(fast->size() == slow->size());
        for (std::size_t i = 0; i < fast->size(); ++i) {
            CHECK((*fast)[i].key == (*slow)[i].key);
            CHECK((*fast)[i].value.end == (*slow)[i].value.end);
        }
        for (std::size_t end = shift + 1; end + 1 < moved.size(); ++end) {
            CHECK_FALSE(json::Outline(std::string_view(moved).substr(0, end)).complete());
        }
    }
    CHECK(json::Outline("{} // x").comments());
    CHECK_FALSE(json::Outline(R"({"a":"// \" /* */"})").comments());
}
