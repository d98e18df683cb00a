#include "src/config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_set>

namespace azreach::config {

namespace {

Place place_of(const std::string& file, const YAML::Mark& mark) {
    return {file, "", static_cast<std::size_t>(mark.line) + 1,
            static_cast<std::size_t>(mark.column) + 1};
}

/// The text by lines, for what the parser lets pass.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {
        starts_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') {
                starts_.push_back(i + 1);
            }
        }
    }
    std::size_t offset(const YAML::Mark& mark) const {
        const auto line = static_cast<std::size_t>(mark.line);
        return line < starts_.size()
                   ? std::min(text_.size(), starts_[line] + static_cast<std::size_t>(mark.column))
                   : text_.size();
    }
    /// A quoted scalar that begins here ends somewhere.
    bool terminated(const YAML::Mark& mark) const {
        const std::size_t begin = offset(mark);
        const char quote = begin < text_.size() ? text_[begin] : '\0';
        if (quote != '"' && quote != '\'') {
            return true;  // a block scalar
        }
        for (std::size_t i = begin + 1; i < text_.size(); ++i) {
            if (quote == '"' && text_[i] == '\\') {
                ++i;
            } else if (text_[i] == quote) {
                return true;
            }
        }
        return false;
    }

private:
    std::string_view text_;
    std::vector<std::size_t> starts_;
};

class Builder : public YAML::EventHandler {
public:
    Builder(std::string file, const Lines& lines) : file_(std::move(file)), lines_(lines) {}

    YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) {
            throw InputError(place_of(file_, mark), "", "a second document", "one", "");
        }
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        YamlNode node;
        node.place = place_of(file_, mark);
        add(std::move(node), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) {
            throw InputError(place_of(file_, mark), "", "an alias of a value that is not finished",
                             "a value that stands before it", "");
        }
        nodes_ += known->second.size;
        limit(mark);
        if (stack_.size() + known->second.depth > kMaxDepth) {
            throw too_deep(mark);
        }
        put(known->second.node, known->second.depth);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node;
        node.kind = YamlNode::Kind::scalar;
        node.text = value;
        node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
        node.place = place_of(file_, mark);
        if (node.quoted && !lines_.terminated(mark)) {
            throw InputError(node.place, "", "a quotation that does not end", "a closing quote",
                             "");
        }
        ++nodes_;
        limit(mark);
        add(std::move(node), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::sequence, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::map, mark, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        YamlNode key;
        std::unordered_set<std::string> keys;
        std::size_t nodes_before = 0;
        std::size_t depth = 1;
    };
    struct Anchored {
        YamlNode node;
        std::size_t size = 1, depth = 0;
    };

    InputError too_deep(const YAML::Mark& mark) const {
        return {place_of(file_, mark), "", "more than " + std::to_string(kMaxDepth) + " levels",
                "fewer", ""};
    }

    void limit(const YAML::Mark& mark) const {
        if (nodes_ > kMaxNodes) {
            throw InputError(place_of(file_, mark), "",
                             "more than " + std::to_string(kMaxNodes) + " values",
                             "fewer, aliases followed", "");
        }
    }

    void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (stack_.size() >= kMaxDepth) {
            throw too_deep(mark);
        }
        Open level;
        level.node.kind = kind;
        level.node.place = place_of(file_, mark);
        level.anchor = anchor;
        level.nodes_before = nodes_++;
        limit(mark);
        stack_.push_back(std::move(level));
    }

    void close() {
        Open level = std::move(stack_.back());
        stack_.pop_back();
        if (level.anchor != 0) {
            anchors_[level.anchor] = {level.node, nodes_ - level.nodes_before, level.depth};
        }
        put(std::move(level.node), level.depth);
    }

    void add(YamlNode node, YAML::anchor_t anchor) {
        if (anchor != 0) {
            anchors_[anchor] = {node, 1, 0};
        }
        put(std::move(node), 0);
    }

    /// `depth`: levels of collections in the node.
    void put(YamlNode node, std::size_t depth) {
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& level = stack_.back();
        level.depth = std::max(level.depth, depth + 1);
        if (level.node.kind == YamlNode::Kind::sequence) {
            level.node.items.push_back(std::move(node));
            return;
        }
        if (level.has_key) {
            level.has_key = false;
            level.node.pairs.emplace_back(std::move(level.key), std::move(node));
            return;
        }
        if (node.kind != YamlNode::Kind::scalar) {
            throw InputError(node.place, "", "a key that is not a word", "a word and a colon", "");
        }
        if (!level.keys.insert(node.text).second) {
            for (const auto& [key, value] : level.node.pairs) {
                if (key.text == node.text) {
                    throw InputError(
                        node.place, "key '" + node.text + "'",
                        "it a second time, after line " + std::to_string(key.place.line),
                        "every key once", "");
                }
            }
        }
        level.key = std::move(node);
        level.has_key = true;
    }

    std::string file_;
    const Lines& lines_;
    YamlNode root_;
    std::size_t nodes_ = 0;
    int documents_ = 0;
    std::vector<Open> stack_;
    std::map<YAML::anchor_t, Anchored> anchors_;
};

}  // namespace

YamlNode parse_yaml(std::string text, const std::string& file) {
    if (text.size() > kMaxYamlBytes) {
        throw InputError({file, "", 0, 0}, "", std::to_string(text.size()) + " bytes",
                         "a configuration of at most 16 MB", "");
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.erase(0, 3);
    }
    const std::size_t binary = text.find('\0');
    if (binary != std::string::npos) {
        throw InputError({file, "", 0, 0}, "", "a zero byte", "UTF-8 text", "");
    }
    const Lines lines(text);
    Builder builder(file, lines);
    std::istringstream stream(text);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::Exception& error) {
        throw InputError(place_of(file, error.mark), "", error.msg, "YAML 1.2 or JSON", "");
    }
    return builder.take();
}

}  // namespace azreach::config
