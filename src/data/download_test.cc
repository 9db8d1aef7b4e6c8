#include "data/download.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "data/testing.h"

namespace ravine {
namespace {

// Answers on loopback, each connection in a thread of its own, with what was prepared for each
// path.
class Server {
 public:
  struct Reply {
    std::string status = "200 OK", header, body;
    size_t promised = 0;    // Content-Length, if not the body's
    int stall_seconds = 0;  // before the body
  };

  Server() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw Error("no socket on loopback");
    }
    port_ = ntohs(address.sin_port);
  }
  ~Server() {
    ::shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    for (std::thread& answer : answers_) answer.join();
    ::close(socket_);
  }
  void start() {
    thread_ = std::thread([this] { serve(); });
  }
  std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }

  std::map<std::string, Reply> replies;  // before start()
  std::atomic<int> requests{0};

 private:
  void serve() {
    for (;;) {
      const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      answers_.emplace_back([this, client] {
        answer(client);
        ::close(client);
      });
    }
  }
  void answer(int client) {
    std::string request;
    char buffer[1024];
    while (request.find("\r\n\r\n") == request.npos) {
      const ssize_t n = ::recv(client, buffer, sizeof(buffer), 0);
      if (n <= 0) return;
      request.append(buffer, size_t(n));
    }
    ++requests;
    const size_t begin = request.find(' ') + 1;
    const auto found = replies.find(request.substr(begin, request.find(' ', begin) - begin));
    const Reply reply = found == replies.end() ? Reply{.status = "404 Not Found"} : found->second;
    const size_t length = reply.promised ? reply.promised : reply.body.size();
    send(client, fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
                             reply.status, length, reply.header));
    std::this_thread::sleep_for(std::chrono::seconds(reply.stall_seconds));
    send(client, reply.body);
  }
  static void send(int client, const std::string& bytes) {
    ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  int socket_;
  int port_;
  std::thread thread_;
  std::vector<std::thread> answers_;
};

class DownloadTest : public FolderTest {
 protected:
  DownloadTest() {
    for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
      ::unsetenv(name);
    set_.name = "toys";
    set_.mirrors = {server_.url("/a/"), server_.url("/b/")};
    for (size_t i = 0; i < 4; ++i) {
      const std::string bytes = body(i);
      set_.files[i] = {fmt::format("file{}", i), int64_t(bytes.size()), sha256(bytes)};
    }
  }
  static std::string body(size_t i) { return std::string(2000 + i, char('a' + i)); }
  // Lets one mirror, "/a/" or "/b/", serve what it should.
  void serve(const std::string& mirror) {
    for (size_t i = 0; i < 4; ++i) reply(mirror, i).body = body(i);
  }
  Server::Reply& reply(const std::string& mirror, size_t i) {
    return server_.replies[fmt::format("{}file{}.gz", mirror, i)];
  }
  void fetch_all() { fetch(set_, target_, {}, {.connect_seconds = 5, .stall_seconds = 1}); }
  void expect_all() {
    EXPECT_EQ(entries(target_), 4u);  // no temporary file stays
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(read_file(path(i)), body(i));
  }
  std::filesystem::path path(size_t i) const { return target_ / fmt::format("file{}.gz", i); }

  // Fetches from a first mirror that fails at file 0, and says `reason` of it.
  void expect_second_mirror(const std::string& reason) {
    server_.start();
    std::vector<std::string> told;
    fetch(set_, target_, [&](std::string_view text) { told.emplace_back(text); },
          {.stall_seconds = 1});
    expect_all();
    EXPECT_EQ(told.size(), 5u);
    set_.mirrors.pop_back();
    std::filesystem::remove_all(target_);
    const std::string text = error_of([&] { fetch_all(); });
    EXPECT_NE(text.find(reason), text.npos) << text;
    EXPECT_EQ(entries(target_), 0u) << "something wrong was kept";
  }

  Server server_;
  PublishedSet set_;
  const std::filesystem::path target_ = folder_ / "cache" / "toys";
};

TEST_F(DownloadTest, FetchesWhatIsMissingOrWrongAndNothingElse) {
  serve("/a/");
  server_.start();
  fetch_all();
  expect_all();
  EXPECT_EQ(server_.requests, 4);
  fetch_all();
  EXPECT_EQ(server_.requests, 4);
  std::filesystem::remove(path(1));
  write_file(path(2), std::string(2002, 'x'));  // of the right size
  fetch_all();
  expect_all();
  EXPECT_EQ(server_.requests, 6);
}

TEST_F(DownloadTest, GoesToTheNextMirrorWhenAFileIsNotThere) {
  serve("/a/"), serve("/b/");
  reply("/a/", 0).status = "404 Not Found";
  expect_second_mirror("404");
}

TEST_F(DownloadTest, GoesToTheNextMirrorWhenBytesAreWrong) {
  serve("/a/"), serve("/b/");
  reply("/a/", 0).body[7] ^= 1;
  expect_second_mirror("instead of " + set_.files[0].sha256);
}

TEST_F(DownloadTest, GoesToTheNextMirrorWhenAFileIsTooShort) {
  serve("/a/"), serve("/b/");
  reply("/a/", 0).body.pop_back();
  expect_second_mirror("1999 bytes instead of 2000");
}

TEST_F(DownloadTest, GoesToTheNextMirrorWhenAFileIsTooLong) {
  serve("/a/"), serve("/b/");
  reply("/a/", 0).body.append(100'000, 'a');
  expect_second_mirror("more than 2000 bytes");
}

TEST_F(DownloadTest, GoesToTheNextMirrorWhenTheConnectionBreaks) {
  serve("/a/"), serve("/b/");
  reply("/a/", 0).promised = 2000;
  reply("/a/", 0).body.resize(1000);
  expect_second_mirror("1000 bytes remaining");
}

TEST_F(DownloadTest, GoesToTheNextMirrorWhenAServerStalls) {
  serve("/a/"), serve("/b/");
  reply("/a/", 0).stall_seconds = 4;
  expect_second_mirror("too slow");
}

TEST_F(DownloadTest, FollowsRedirectsButNotForever) {
  serve("/b/");
  for (size_t i = 0; i < 4; ++i) {
    reply("/a/", i) = {.status = "302 Found",
                       .header = fmt::format("Location: /b/file{}.gz\r\n", i)};
  }
  reply("/loop/", 0) = {.status = "302 Found", .header = "Location: /loop/file0.gz\r\n"};
  set_.mirrors = {server_.url("/a/")};
  server_.start();
  fetch_all();
  expect_all();
  set_.mirrors = {server_.url("/loop/")};
  std::filesystem::remove_all(target_);
  const std::string text = error_of([&] { fetch_all(); });
  EXPECT_NE(text.find("redirects"), text.npos) << text;
}

TEST_F(DownloadTest, OfflineItSaysWhatToPutWhere) {
  set_.mirrors = {Server().url("/a/")};  // gone before anybody asks
  const std::string text = error_of([&] { fetch_all(); });
  for (const std::string& part :
       {std::string("toys: file0.gz could not be fetched"), std::string("file3.gz (2003 bytes)"),
        "into " + path_text(target_)}) {
    EXPECT_NE(text.find(part), text.npos) << text;
  }
  EXPECT_EQ(text.find('\n'), text.npos);
}

TEST_F(DownloadTest, AFolderThatCannotBeMadeIsNamed) {
  write_file(folder_ / "cache", "a file");
  const std::string text = error_of([&] { fetch_all(); });
  EXPECT_NE(text.find(path_text(target_)), text.npos) << text;
}

TEST_F(DownloadTest, ByNameOnlyPublishedSetsAndWithAFolder) {
  EXPECT_THROW(download("digits", {.cache = folder_}), UsageError);
  EXPECT_THROW(download("minst", {.cache = folder_}), UsageError);
  EXPECT_THROW(download("mnist", {}), UsageError);
}

TEST(Sha256, OfAKnownText) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ravine
