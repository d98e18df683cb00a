#include <string>

#include "models/net/prefix.hpp"
#include "tests/support/catch.hpp"

namespace azreach {

TEST_CASE("IPv6 addresses print as RFC 5952 says", "[address]") {
    struct Row {
        std::string given, text, then;
    };
    const auto row = GENERATE(values<Row>({
        {"4.1 no leading zeros", "2001:0db8::0001", "2001:db8::1"},
        {"4.2.1 as short as possible", "2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
        {"4.2.2 one group is not shortened", "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"4.2.3 the longest run", "2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"4.2.3 the first of equal runs", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"4.3 lower case", "2001:DB8::ABCD:EF01", "2001:db8::abcd:ef01"},
        {"5 IPv4-mapped", "::ffff:c000:0201", "::ffff:192.0.2.1"},
        {"5 IPv4-mapped, as written", "::FFFF:192.0.2.1", "::ffff:192.0.2.1"},
        {"dotted end elsewhere", "64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"IPv4-compatible is deprecated", "::192.0.2.33", "::c000:221"},
        {"unspecified", "0:0:0:0:0:0:0:0", "::"},
        {"loopback", "0:0:0:0:0:0:0:1", "::1"},
        {"zeros at the end", "1:0:0:0:0:0:0:0", "1::"},
        {"one group shortened", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"all groups", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"the longest text", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    }));
    CAPTURE(row.given, row.text);
    const auto address = parse_address(row.text);
    REQUIRE(address);
    CHECK(address->family == Family::v6);
    CHECK(to_string(*address) == row.then);
}

TEST_CASE("an IPv4-mapped address is not the IPv4 address", "[address]") {
    CHECK(*parse_address("::ffff:10.0.0.4") == Address::v6((Uint128{0xFFFF} << 32) | 0x0A000004U));
    CHECK(*parse_address("::ffff:10.0.0.4") != *parse_address("10.0.0.4"));
}

TEST_CASE("what is no address is refused", "[address]") {
    using namespace std::string_literals;
    const auto text = GENERATE(values<std::string>({
        ""s,
        " "s,
        "10"s,
        "10.0.0"s,
        "10.0.0."s,
        ".10.0.0.1"s,
        "10..0.1"s,
        "10.0.0.1."s,
        "10.0.0.1.2"s,
        "10.0.0.256"s,
        "10.0.0.1000"s,
        "10.0.0.01"s,
        "10.0.0.00"s,
        "010.0.0.1"s,
        "0x0a.0.0.1"s,
        "+10.0.0.1"s,
        "-1.0.0.1"s,
        "1e1.0.0.1"s,
        " 10.0.0.1"s,
        "10.0.0.1 "s,
        "10.0.0.1\n"s,
        "10.0.0.1\0"s,
        "10.0.0.1\0x"s,
        "10.0.0.1:80"s,
        "10.0.0.1/32"s,
        "10,0,0,1"s,
        "\xD9\xA1.0.0.1"s,
        "*"s,
        "localhost"s,
        "4294967295"s,
        // IPv6
        ":"s,
        ":::"s,
        ":1"s,
        "1:"s,
        "1:2:3:4:5:6:7"s,
        "1:2:3:4:5:6:7:8:9"s,
        "1::2::3"s,
        "1:2:3:4:5:6:7:8::"s,
        "::1:2:3:4:5:6:7:8"s,
        "12345::"s,
        "00001::"s,
        "g::"s,
        ":1::"s,
        "::1:"s,
        "::1%eth0"s,
        "fe80::1%1"s,
        "[::1]"s,
        "[::1]:80"s,
        " ::1"s,
        "::1 "s,
        "::1\0"s,
        "::1\0junk"s,
        "::\0"s,
        "::1/128"s,
        "::ffff:10.0.0"s,
        "::ffff:10.0.0.256"s,
        "::ffff:10.0.0.01"s,
        "::ffff:10.0.0.4.5"s,
        "10.0.0.4::"s,
        "1:2:3:4:5:6:7:10.0.0.4"s,
        "::10.0.0.4:1"s,
        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"s,
        std::string(1000, ':'),
        std::string(1000, '1'),
    }));
    CAPTURE(text);
    CHECK_FALSE(parse_address(text));
    CHECK_FALSE(parse_prefix(text + "/0"));
}

TEST_CASE("prefixes are read as written, host bits reported", "[prefix][N19]") {
    struct Row {
        std::string text, then;
        bool cleared;
    };
    const auto row = GENERATE(values<Row>({
        {"10.0.0.0/8", "10.0.0.0/8", false},
        {"10.0.0.5/24", "10.0.0.0/24", true},
        {"10.0.0.5/0", "0.0.0.0/0", true},
        {"0.0.0.0/0", "0.0.0.0/0", false},
        {"10.0.0.4", "10.0.0.4/32", false},
        {"255.255.255.255/31", "255.255.255.254/31", true},
        {"::/0", "::/0", false},
        {"2001:db8::1", "2001:db8::1/128", false},
        {"2001:db8::1/32", "2001:db8::/32", true},
        {"::ffff:0.0.0.0/96", "::ffff:0.0.0.0/96", false},
    }));
    CAPTURE(row.text);
    const auto parsed = parse_prefix(row.text);
    REQUIRE(parsed);
    CHECK(to_string(parsed->prefix) == row.then);
    CHECK(parsed->host_bits_cleared == row.cleared);
}

TEST_CASE("what is no prefix is refused", "[prefix]") {
    using namespace std::string_literals;
    const auto text = GENERATE(values<std::string>({"/"s,
                                                    "/8"s,
                                                    "10.0.0.0/"s,
                                                    "10.0.0.0/33"s,
                                                    "10.0.0.0/-0"s,
                                                    "10.0.0.0/-1"s,
                                                    "10.0.0.0/+8"s,
                                                    "10.0.0.0/08"s,
                                                    "10.0.0.0/8 "s,
                                                    "10.0.0.0/ 8"s,
                                                    "10.0.0.0 /8"s,
                                                    "10.0.0.0/8/8"s,
                                                    "10.0.0.0/8\0"s,
                                                    "10.0.0.0/0x8"s,
                                                    "10.0.0.0/255.0.0.0"s,
                                                    "10.0.0.0//8"s,
                                                    "10.0.0.0/4294967304"s,
                                                    "10/8"s,
                                                    "::/129"s,
                                                    "::/999"s,
                                                    "::/"s,
                                                    "10.0.0.0-10.0.0.9"s,
                                                    "*"s,
                                                    "Internet"s}));
    CAPTURE(text);
    CHECK_FALSE(parse_prefix(text));
}

}  // namespace azreach
