# Everything is built into $(BUILD). `make help` lists what there is to make.
BUILD   ?= build
CXX     ?= g++
SANITIZE ?=
OPTIMIZE ?= -O2

PACKAGES := .ci/packages
MYSQL_CONFIG := $(shell command -v mysql_config || command -v mariadb_config)
LIBRARIES := libsodium libutf8proc spdlog zlib

CPPFLAGS := -I. $(shell pkg-config --cflags $(LIBRARIES)) $(if $(MYSQL_CONFIG),$(shell $(MYSQL_CONFIG) --cflags | sed 's/-I/-isystem /g'))
WARNINGS := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wformat=2 \
            -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough -Wextra-semi -Wundef
CXXFLAGS := -std=c++20 $(OPTIMIZE) -g -pthread -fno-omit-frame-pointer $(WARNINGS) $(SANITIZE)
LDFLAGS  := -pthread $(SANITIZE)

SERVER_LIBS := $(if $(MYSQL_CONFIG),$(shell $(MYSQL_CONFIG) --libs)) $(shell pkg-config --libs $(LIBRARIES))
CLIENT_LIBS := -lreadline $(shell pkg-config --libs libutf8proc)
TEST_LIBS   := -lgtest -lgmock -lvterm -lutil

sources = $(filter-out %/main.cc %/dictload.cc,$(wildcard $(1)/*.cc))
objects = $(patsubst %.cc,$(BUILD)/obj/%.o,$(1))

PROGRAMS := $(BUILD)/dictd $(BUILD)/dictcli $(BUILD)/dictload $(BUILD)/examples/echo
TESTS    := $(BUILD)/test/unit $(BUILD)/test/integration $(BUILD)/test/e2e

all: $(BUILD)/libreactor.a $(PROGRAMS)
tests: all $(TESTS)

$(BUILD)/libreactor.a: $(call objects,$(call sources,reactor))
$(BUILD)/libdictd.a:   $(call objects,$(call sources,dictd))
$(BUILD)/libdictcli.a: $(call objects,$(call sources,dictcli))
$(BUILD)/libwords.a:   $(call objects,$(call sources,words))
$(BUILD)/libtest.a:    $(call objects,$(call sources,test/support))
%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/dictd: $(call objects,dictd/main.cc) $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)
$(BUILD)/dictload: $(call objects,words/dictload.cc) $(BUILD)/libwords.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)
$(BUILD)/dictcli: $(call objects,dictcli/main.cc) $(BUILD)/libdictcli.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)
$(BUILD)/examples/echo: $(call objects,reactor/examples/echo.cc) $(BUILD)/libreactor.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -o $@ $^

$(BUILD)/test/%: $(BUILD)/libtest.a $(BUILD)/libdictcli.a $(BUILD)/libwords.a $(BUILD)/libdictd.a $(BUILD)/libreactor.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBS) $(CLIENT_LIBS) $(SERVER_LIBS)
$(BUILD)/test/unit:        $(call objects,$(wildcard test/unit/*.cc))
$(BUILD)/test/integration: $(call objects,$(wildcard test/integration/*.cc))
$(BUILD)/test/e2e:         $(call objects,$(wildcard test/e2e/*.cc))

# g++ 12 sees a null dereference inside libstdc++ once CLI11's transformers are inlined.
$(BUILD)/obj/dictd/config.o: CXXFLAGS += -Wno-null-dereference

$(BUILD)/obj/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)

.PHONY: all tests clean
.DELETE_ON_ERROR:
.SECONDARY:
