# make             builds everything into build/
# make run         a dictionary of your own: installs what is missing, builds, starts all, opens dictcli
#                  (LISTEN=127.0.0.1:9999 for another port)
# make check       installs what is missing and runs every test; ONLY='Journal*' runs some
# make bench       measures dictd beside its peers (45 minutes); writes build/bench/report.md; bench-quick takes three minutes
# make compare-dictd  asks dictd and Debian's dictd the same, and explains or shows what differs (3 minutes)
# make torture     the long run of the fault tests of which make check has a short one
# make asan tsan   the same tests under AddressSanitizer and UBSan, or under ThreadSanitizer
# make lint        clang-format, clang-tidy (of what is shipped), and who may include whom; `make format` mends the first
# make install     DESTDIR= PREFIX=/usr/local
# make setup       only installs the Debian packages of .ci/packages
# make clean
BUILD    ?= build
CXX      := $(if $(filter default,$(origin CXX)),g++,$(CXX))
SANITIZE ?=
OPTIMIZE ?= -O2
DEBUG    ?= -g
PREFIX   ?= /usr/local
LISTEN   ?= 127.0.0.1:8888
ONLY     ?= *

# In parallel by itself; JOBS=1 for one thing after the other.
JOBS     ?= $(shell nproc)
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif
MYSQL_CONFIG := $(shell command -v mysql_config || command -v mariadb_config)
LIBRARIES := libargon2 libsodium libutf8proc libxxhash openssl re2 spdlog zlib
# What only dictload needs.
LOADER_LIBRARIES := libxml-2.0 nlohmann_json

CPPFLAGS := -I. $(shell pkg-config --cflags $(LIBRARIES) $(LOADER_LIBRARIES)) $(if $(MYSQL_CONFIG),$(shell $(MYSQL_CONFIG) --cflags | sed 's/-I/-isystem /g'))
WARNINGS := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wformat=2 \
            -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough -Wextra-semi -Wundef
CXXFLAGS  = -std=c++20 $(OPTIMIZE) $(DEBUG) -pthread -fno-omit-frame-pointer $(WARNINGS) $(SANITIZE)
LDFLAGS  := -pthread $(SANITIZE)

SERVER_LIBS := $(if $(MYSQL_CONFIG),$(shell $(MYSQL_CONFIG) --libs)) $(shell pkg-config --libs $(LIBRARIES))
LOADER_LIBS := $(shell pkg-config --libs $(LOADER_LIBRARIES)) $(SERVER_LIBS)
CLIENT_LIBS := -lreadline $(shell pkg-config --libs libutf8proc openssl)
TEST_LIBS   := -lgtest_main -lgmock -lgtest -lvterm -lutil -lxxhash

sources = $(filter-out %/main.cc %/dictload.cc,$(wildcard $(1)/*.cc))
objects = $(patsubst %.cc,$(BUILD)/obj/%.o,$(1))

PROGRAMS := $(BUILD)/dictd $(BUILD)/dictcli $(BUILD)/dictload $(BUILD)/examples/echo
TESTS    := $(BUILD)/test/unit $(BUILD)/test/integration $(BUILD)/test/e2e $(BUILD)/test/libfault.so
# The load generator, and what it is pointed at: each file in peers/ is a program, peers/model/ is what they share.
PEERS    := $(patsubst test/bench/peers/%.cc,$(BUILD)/bench/peers/%,$(wildcard test/bench/peers/*.cc))
BENCH    := $(BUILD)/dictbench $(BUILD)/bench/micro $(PEERS)

all: $(BUILD)/libreactor.a $(PROGRAMS)
tests: all $(BUILD)/dictbench $(TESTS)
bench-programs: all $(BENCH)

$(BUILD)/libreactor.a: $(call objects,$(call sources,reactor))
$(BUILD)/libdictd.a:   $(call objects,$(call sources,dictd))
$(BUILD)/libdictcli.a: $(call objects,$(call sources,dictcli))
$(BUILD)/libwords.a:   $(call objects,$(call sources,words))
$(BUILD)/libtest.a:    $(call objects,$(call sources,test/support))
$(BUILD)/libdictbench.a: $(call objects,$(call sources,test/bench/dictbench))
$(BUILD)/libmodel.a:   $(call objects,$(call sources,test/bench/peers/model))
%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^

$(BUILD)/dictd: $(call objects,dictd/main.cc) $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)
$(BUILD)/dictload: $(call objects,words/dictload.cc) $(BUILD)/libwords.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(LOADER_LIBS)
$(BUILD)/dictcli: $(call objects,dictcli/main.cc) $(BUILD)/libdictcli.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)
$(BUILD)/examples/echo: $(call objects,reactor/examples/echo.cc) $(BUILD)/libreactor.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^

$(BUILD)/dictbench: $(call objects,test/bench/dictbench/main.cc) $(BUILD)/libdictbench.a $(BUILD)/libwords.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)
$(BUILD)/bench/micro: $(call objects,$(wildcard test/bench/micro/*.cc)) $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ -lbenchmark_main -lbenchmark $(SERVER_LIBS)
$(BUILD)/bench/peers/%: $(BUILD)/obj/test/bench/peers/%.o $(BUILD)/libmodel.a $(BUILD)/libwords.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)

$(BUILD)/test/%: $(BUILD)/libtest.a $(BUILD)/libdictbench.a $(BUILD)/libdictcli.a $(BUILD)/libwords.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBS) $(CLIENT_LIBS) $(LOADER_LIBS)
$(BUILD)/test/unit:        $(call objects,$(wildcard test/unit/*.cc))
$(BUILD)/test/integration: $(call objects,$(wildcard test/integration/*.cc))
$(BUILD)/test/e2e:         $(call objects,$(wildcard test/e2e/*.cc))

# Goes between a program under test and the C library; no sanitizer of its own, whatever that program has.
$(BUILD)/test/libfault.so: test/support/preload/fault.cc test/support/preload/fault_control.h
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) -I. -std=c++20 -O2 -g $(WARNINGS) -fPIC -shared -o $@ $< -ldl

# Options are read once: the optimizer would take 15 s a file over CLI11, and find null dereferences that are not there.
$(BUILD)/obj/dictd/config.o $(BUILD)/obj/words/dictload.o $(BUILD)/obj/dictcli/main.o $(BUILD)/obj/test/bench/dictbench/options.o: override OPTIMIZE := -O0
# Tests are read more often than run: the optimizer would take longer over them than they do. And half of a test's
# compilation would be GoogleTest's headers, so those are compiled once.
TEST_OBJECTS := $(call objects,$(foreach kind,unit integration e2e support,$(wildcard test/$(kind)/*.cc)))
$(TEST_OBJECTS) $(BUILD)/obj/test/precompiled.h.gch: override OPTIMIZE := -O0
$(TEST_OBJECTS): private override CPPFLAGS += -include $(BUILD)/obj/test/precompiled.h -Winvalid-pch
$(TEST_OBJECTS): $(BUILD)/obj/test/precompiled.h.gch
$(BUILD)/obj/test/precompiled.h.gch: test/support/precompiled.h
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) $(CPPFLAGS) $(CXXFLAGS) -x c++-header -o $@ $<

$(BUILD)/obj/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# ---- What is run. Packages first, then a make of its own: what they bring is looked for when a Makefile is read.

setup:
	@.ci/setup
run:
	@.ci/setup run
	@$(MAKE) --no-print-directory -s all
	@dictd/run-local.sh $(BUILD) $(LISTEN)
check:
	@.ci/setup run check
	@$(MAKE) --no-print-directory -s tests
	@test/run.sh $(BUILD) --gtest_filter='$(ONLY)'
bench bench-quick:
	@.ci/setup run bench
	@$(MAKE) --no-print-directory -s bench-programs
	@test/bench/run.py --build $(BUILD) $(if $(filter bench-quick,$@),--quick)
compare-dictd:
	@.ci/setup run check bench
	@$(MAKE) --no-print-directory -s $(BUILD)/dictd $(BUILD)/dictload
	@test/compare/compare.py --build $(BUILD)
torture:
	@.ci/setup run check
	@$(MAKE) --no-print-directory -s tests
	@rm -f $(BUILD)/torture/report.txt
	@TORTURE=long $(BUILD)/test/integration --gtest_filter='Torture*'
asan:
	@ASAN_OPTIONS=detect_stack_use_after_return=1 $(MAKE) --no-print-directory check BUILD=$(BUILD)/asan OPTIMIZE=-O1 DEBUG=-g1 \
	  SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all"
tsan:
	@TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1" $(MAKE) --no-print-directory check BUILD=$(BUILD)/tsan OPTIMIZE=-O1 DEBUG=-g1 \
	  SANITIZE=-fsanitize=thread

SOURCES := $(shell find reactor dictd dictcli words test -name '*.cc')
HEADERS := $(shell find reactor dictd dictcli words test -name '*.h')
format:
	clang-format -i $(SOURCES) $(HEADERS)
lint:
	@.ci/setup run check lint
	@.ci/include-rules
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS)
	@echo $(filter-out test/%,$(SOURCES)) | tr ' ' '\n' | xargs -P $(shell nproc) -n 1 sh -c \
	  'clang-tidy --quiet "$$0" -- -std=c++20 $(CPPFLAGS) 2>/dev/null'

install: all
	install -D -t $(DESTDIR)$(PREFIX)/bin $(BUILD)/dictd $(BUILD)/dictload $(BUILD)/dictcli
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/dictd schema.sql words/dict.txt
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/dictd README.md dictd/PROTOCOL.md dictd/RFC2229.md dictd/PERFORMANCE.md LICENSE

help:
	@sed -n 's/^# \(make.*\|  .*\)/\1/p' Makefile
clean:
	rm -rf $(BUILD)

.PHONY: all tests bench-programs setup run check bench bench-quick compare-dictd torture asan tsan format lint install help clean
.DELETE_ON_ERROR:
.SECONDARY:
