#include "data/download.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <memory>

#include "base/file.h"
#include "ravine/error.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;

// libcurl, loaded at the first download: linked, it would bring 27 more libraries to every start of
// a program.
struct Curl {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) init = nullptr;
  decltype(&curl_easy_setopt) setopt = nullptr;
  decltype(&curl_easy_perform) perform = nullptr;
  decltype(&curl_easy_strerror) strerror = nullptr;
  decltype(&curl_easy_cleanup) cleanup = nullptr;
  std::string problem;  // why it cannot be used and what to do, or ""

  Curl() {
    void* const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    const auto find = [&](const char* name, auto& function) {
      if (!problem.empty()) return;
      void* const symbol = library ? dlsym(library, name) : nullptr;
      if (!symbol) problem = fmt::format("{}: is libcurl installed?", dlerror());
      function = reinterpret_cast<std::decay_t<decltype(function)>>(symbol);
    };
    find("curl_global_init", global_init);
    find("curl_easy_init", init);
    find("curl_easy_setopt", setopt);
    find("curl_easy_perform", perform);
    find("curl_easy_strerror", strerror);
    find("curl_easy_cleanup", cleanup);
    if (problem.empty() && global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      problem = "libcurl could not start";
    }
  }
};

const Curl& libcurl() {
  static const Curl curl;
  return curl;
}

struct Body {
  std::string bytes;
  size_t most;
};

size_t receive(char* data, size_t, size_t count, void* opaque) {
  Body& body = *static_cast<Body*>(opaque);
  if (count > body.most - body.bytes.size()) return 0;  // ends the transfer
  body.bytes.append(data, count);
  return count;
}

// Why `bytes` are not the file, or "".
std::string difference(const PublishedFile& file, std::string_view bytes) {
  if (int64_t(bytes.size()) != file.bytes) {
    return fmt::format("{} bytes instead of {}", bytes.size(), file.bytes);
  }
  const std::string found = sha256(bytes);
  return found == file.sha256 ? "" : fmt::format("SHA-256 {} instead of {}", found, file.sha256);
}

// Fetches `url` into `body`; returns why it failed, or "".
std::string get(const std::string& url, const FetchOptions& options, Body& body) {
  const Curl& curl = libcurl();
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> transfer(curl.init(), curl.cleanup);
  if (!transfer) return "libcurl could not start";
  char detail[CURL_ERROR_SIZE] = "";
  const std::string agent = fmt::format("ravine/{}", version());
  const auto set = [&](CURLoption option, auto value) {
    curl.setopt(transfer.get(), option, value);
  };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_USERAGENT, agent.c_str());
  set(CURLOPT_ERRORBUFFER, detail);
  set(CURLOPT_NOSIGNAL, 1L);  // no handlers, no alarms
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 5L);
  set(CURLOPT_CONNECTTIMEOUT, long(options.connect_seconds));
  set(CURLOPT_LOW_SPEED_LIMIT, 1000L);
  set(CURLOPT_LOW_SPEED_TIME, long(options.stall_seconds));
  set(CURLOPT_WRITEFUNCTION, &receive);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&body));
  const CURLcode code = curl.perform(transfer.get());
  if (code == CURLE_OK) return "";
  if (code == CURLE_WRITE_ERROR) return fmt::format("more than {} bytes", body.most);
  return detail[0] ? detail : curl.strerror(code);
}

Error unavailable(const PublishedSet& set, const std::string& name, const fs::path& folder,
                  const std::string& reasons) {
  std::string wanted;
  for (const PublishedFile& f : set.files) {
    wanted += fmt::format("{}{}.gz ({} bytes)", wanted.empty() ? "" : ", ", f.name, f.bytes);
  }
  return Error(fmt::format("{}: {} could not be fetched ({}); offline, put {} into {}", set.name,
                           name, reasons, wanted, path_text(folder)));
}

void fetch_file(const PublishedSet& set, const PublishedFile& file, const fs::path& folder,
                const std::function<void(std::string_view)>& progress,
                const FetchOptions& options) {
  const std::string name = file.name + ".gz";
  const fs::path path = folder / name;
  const auto tell = [&](const std::string& text) {
    if (progress) progress(text);
  };
  std::error_code error;
  if (int64_t(fs::file_size(path, error)) == file.bytes && !error &&
      difference(file, read_file(path)).empty()) {
    return tell(name + ": there already");
  }
  std::string reasons = libcurl().problem;
  if (!reasons.empty()) throw unavailable(set, name, folder, reasons);
  for (const std::string& mirror : set.mirrors) {
    tell(fmt::format("{}: {:.1f} MB from {}", name, double(file.bytes) / 1e6, mirror));
    Body body{{}, size_t(file.bytes)};
    std::string reason = get(mirror + name, options, body);
    if (reason.empty()) reason = difference(file, body.bytes);
    if (reason.empty()) return write_file(path, body.bytes);
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", mirror, reason);
  }
  throw unavailable(set, name, folder, reasons);
}

}  // namespace

std::string sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) {
    throw Error("sha256: OpenSSL refused to compute it");
  }
  return fmt::format("{:02x}", fmt::join(digest, digest + size, ""));
}

void fetch(const PublishedSet& set, const fs::path& folder,
           const std::function<void(std::string_view)>& progress, const FetchOptions& options) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error(fmt::format("{}: cannot make the folder {}: {}", set.name, path_text(folder),
                            error.message()));
  }
  for (const PublishedFile& file : set.files) fetch_file(set, file, folder, progress, options);
}

}  // namespace ravine
