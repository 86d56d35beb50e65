# siobroker: one makefile for the program, its library, its tests and the demo.
#
# Everything built goes to build/:
#   build/siobroker, build/libsiobroker.*    optimised
#   build/asan/                              the same by clang with AddressSanitizer and UBSan
#   build/asan/fuzz/                         the libFuzzer targets
#   build/coverage/                          counts which lines run, for "make coverage"
#   build/share/siobroker/browser-client/    what the broker serves at /socket.io/socket.io.js,
#                                            the client of socket.io 4 in 4/, and the page of its
#                                            Admin UI in admin-ui/
#   build/deps/                              what was fetched; "make clean" keeps it

VERSION = 0.1.0
ABI     = 0

PREFIX  = /usr/local
LIBDIR  = $(PREFIX)/lib
DESTDIR =

CC      ?= cc
ASAN_CC  = clang
AR      ?= ar

# Seconds for each target of "make fuzz".
FUZZ_SECONDS = 60

# What "make coverage" runs beside the corpora, and for how long at most.
COVERAGE_KINDS   = unit wire cluster clients
COVERAGE_SECONDS = 1800

# Arguments of "make run" and "make bench", for example: make run ARGS="--port 3200 --log-level 3"
ARGS =

# All processors, unless it is said otherwise: make -j1.
ifeq ($(filter -j% j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- flags ---------------------------------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef -Werror

# What a compiler can do against writes beyond an array and against what may follow from one: of
# these, those that it has for this processor. libwebsockets is built with them, too.
has      = $(shell echo | $(CC) -Werror $(1) -x c -S -o /dev/null - 2>/dev/null && echo $(1))
HARDENED := $(foreach flag,-fstack-protector-strong -fstack-clash-protection -fcf-protection \
                -mbranch-protection=standard,$(call has,$(flag)))

SIO_CPPFLAGS = -D_GNU_SOURCE -DSIO_VERSION='"$(VERSION)"' -I. -isystem $(DEPS)/include
SIO_CFLAGS   = -std=c11 -g $(WARNINGS) -fPIC -fno-semantic-interposition $(HARDENED) -pthread
SIO_LDFLAGS  = -pie -pthread -Wl,-z,relro,-z,now -Wl,--as-needed -L$(DEPS)/lib
SIO_LIBS     = -lwebsockets -lhiredis -levent_core -lcjson -lssl -lcrypto $(LIBCRYPT) -lz -lm
# AddressSanitizer has a crypt_r() of its own, which calls this one, but does not seem to need it.
LIBCRYPT     = -Wl,--push-state,--no-as-needed -lcrypt -Wl,--pop-state

# What sets the builds apart. The first two have a compiler each, so that both warn.
OPTIMISED = -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
SANITIZED = -O1 -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link \
            -fno-sanitize-recover=all
COVERED   = -O0 --coverage
# A unit test runs for less time than a compiler takes to make it fast.
UNIT_TEST = -O0 -U_FORTIFY_SOURCE

# ---- sources -------------------------------------------------------------------------------------

# What only the program has. Without scripts (SCRIPT=0) it has one file that says so.
SCRIPT     ?= 1
NO_SCRIPT   = server/script/without.c
SCRIPT_SRC  = $(if $(filter 0,$(SCRIPT)),$(NO_SCRIPT) server/script/script_argument.c,\
              $(filter-out $(NO_SCRIPT),$(wildcard server/script/*.c)))
CLI_SRC     = $(wildcard server/cli/*.c)
PROGRAM_SRC = server/main.c $(CLI_SRC) $(SCRIPT_SRC)
LIB_SRC     = $(filter-out server/main.c server/cli/%.c server/script/%.c,\
              $(wildcard protocol/*.c store/*.c server/*.c server/*/*.c))
UNIT_SRC    = $(filter-out $(if $(filter 0,$(SCRIPT)),tests/unit/script/%),\
              $(wildcard tests/unit/*/*_test.c))
UNIT_AID_SRC = $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*/*.c))
FUZZ_SRC    = $(filter-out $(if $(filter 0,$(SCRIPT)),tests/fuzz/fuzz_script.c),\
              $(wildcard tests/fuzz/fuzz_*.c))
WORLD_SRC   = $(wildcard tests/fuzz/world/*.c)
FAKE_SRC    = $(wildcard tests/fuzz/fake_*.c)
REPLAY_SRC  = $(wildcard tests/fuzz/replay.c)
TOOL_SRC    = $(wildcard tests/contract/*.c)
EXAMPLE_SRC = $(wildcard client-demo/*.c)
LOAD_SRC    = $(wildcard tests/bench/load/*.c)
YARDSTICK_SRC = $(wildcard tests/bench/yardstick/*.c)
SOURCES     = $(wildcard $(PROGRAM_SRC)) $(LIB_SRC) $(UNIT_SRC) $(UNIT_AID_SRC) \
              $(FUZZ_SRC) $(WORLD_SRC) $(FAKE_SRC) $(REPLAY_SRC) $(TOOL_SRC) $(EXAMPLE_SRC) \
              $(LOAD_SRC) $(YARDSTICK_SRC)
HEADERS     = $(wildcard protocol/*.h store/*.h server/*.h server/*/*.h \
                         tests/unit/*.h tests/unit/*/*.h tests/fuzz/*.h tests/fuzz/*/*.h \
                         tests/contract/*.h tests/bench/*/*.h)

# ---- what is needed from outside -----------------------------------------------------------------

DEPS    = build/deps
LWS     = $(DEPS)/libwebsockets.ok
QUICKJS = $(if $(filter 0,$(SCRIPT)),,$(DEPS)/quickjs.ok)
CLIENT  = build/share/siobroker/browser-client

# "make demo" and "make test" install what is missing; every other goal only names it.
INSTALLING = $(filter demo check test test-deb deps,$(MAKECMDGOALS))
NEEDS      = build $(if $(filter demo test bench,$(MAKECMDGOALS)),demo) \
             $(if $(filter demo,$(MAKECMDGOALS)),$(BACKEND)) \
             $(if $(filter check test,$(MAKECMDGOALS)),test) \
             $(if $(filter test deb test-deb,$(MAKECMDGOALS)),deb) \
             $(if $(filter test-deb,$(MAKECMDGOALS)),root) \
             $(if $(filter test asan fuzz,$(MAKECMDGOALS)),asan) \
             $(if $(filter lint format format-check,$(MAKECMDGOALS)),lint)

.PHONY: packages
packages:
	@CC='$(CC)' client-demo/packages.sh $(if $(INSTALLING),install,check) $(NEEDS)

LWS_CFLAGS = $(HARDENED) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2

$(LWS): client-demo/libwebsockets.sh client-demo/debian_source.sh $(DEPS)/libwebsockets.flags | packages
	@CC='$(CC)' CFLAGS='$(LWS_CFLAGS)' client-demo/libwebsockets.sh $(DEPS)
	@touch $@

$(DEPS)/quickjs.ok: client-demo/quickjs.sh client-demo/debian_source.sh $(DEPS)/libwebsockets.flags | packages
	@CC='$(CC)' CFLAGS='$(LWS_CFLAGS)' client-demo/quickjs.sh $(DEPS)
	@touch $@

$(DEPS)/libwebsockets.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(LWS_CFLAGS)' | cmp -s - $@ || echo '$(LWS_CFLAGS)' >$@

$(CLIENT)/socket.io.js: client-demo/package.json client-demo/package-lock.json \
                        client-demo/browser-client.sh | packages
	@client-demo/browser-client.sh $(DEPS)/browser-client $(CLIENT)

# What fails when a unit test says so (tests/unit/server/failing_memory.h).
MAY_FAIL = malloc calloc realloc free strdup strndup event_base_new event_new deflateInit2_ \
           inflateInit2_

# The fuzz targets of whole servers, which need tests/fuzz/world/ around them. What takes the place
# of the system's functions is linked by name, so that it gets into no other program.
WORLD_FUZZ  = session cluster redis script
CLOCK_FUZZ  = redis script
RANDOM_FUZZ = cluster redis

# Where the files are that browsers are served; for client_directory.c.
SHARE_DIR = -DSIO_SHARE_DIR='"$(PREFIX)/share/siobroker"'

# ---- one set of rules, several builds ------------------------------------------------------------

# $(call build,FOLDER,COMPILER,FLAGS): the objects, the library and the programs of one build.
# FOLDER/flags changes when the compiler or a flag changes, and then everything is built again.
define build
PROGRAMS_$(1) = $(1)/siobroker $(1)/contract-server \
                $(EXAMPLE_SRC:client-demo/%.c=$(1)/%)
TESTS_$(1)    = $(UNIT_SRC:tests/unit/%_test.c=$(1)/unit/%)
REPLAYS_$(1)  = $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(1)/replay/%)
BENCH_$(1)    = $(1)/bench/load $(1)/bench/yardstick
COMPILE_$(1)  = $(2) $$(SIO_CPPFLAGS) $$(CPPFLAGS) $$(SIO_CFLAGS) $(3) $$(KIND_CFLAGS) $$(CFLAGS)
LINK_$(1)     = $(2) $(3) $$(SIO_LDFLAGS) $$(LDFLAGS)

$(1)/flags: export FLAGS = $$(COMPILE_$(1))
$(1)/flags: FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' "$$$$FLAGS" | cmp -s - $$@ || printf '%s\n' "$$$$FLAGS" >$$@

# Changes when things are installed elsewhere, which only few have to know.
$(1)/where: FORCE
	@mkdir -p $$(@D)
	@echo '$(PREFIX) $(LIBDIR)' | cmp -s - $$@ || echo '$(PREFIX) $(LIBDIR)' >$$@

# Changes when the program is to be made with scripts, or without.
$(1)/script: FORCE
	@mkdir -p $$(@D)
	@echo '$(SCRIPT)' | cmp -s - $$@ || echo '$(SCRIPT)' >$$@

$(1)/obj/server/assets/client_directory.o: private SIO_CPPFLAGS += $(SHARE_DIR)
$(1)/obj/server/assets/client_directory.o: $(1)/where

$(UNIT_SRC:%.c=$(1)/obj/%.o): private KIND_CFLAGS = $(UNIT_TEST)
$(1)/obj/%.o: %.c $(1)/flags | $(LWS) $(QUICKJS)
	@mkdir -p $$(@D)
	$$(call say,CC)
	$$(Q)$$(COMPILE_$(1)) -MMD -MP -c -o $$@ $$<

# Which .incbin takes.
$(1)/obj/server/admin/status_page.o: server/admin/status.html
$(1)/obj/server/backends/api_routes.o: server/backends/openapi.json
$(1)/obj/server/script/library.o: $(wildcard server/script/lib/*.js)

$(1)/libsiobroker.a: $(LIB_SRC:%.c=$(1)/obj/%.o)
	$$(call say,AR)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^

$(1)/libfuzzworld.a: $(WORLD_SRC:%.c=$(1)/obj/%.o)
	$$(call say,AR)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^

# The same with memory that does not fail: --wrap is for all names in what is linked.
$(1)/libunfailingworld.a: $(1)/libfuzzworld.a
	$$(call say,AR)
	$$(Q)$$(OBJCOPY) $(foreach f,$(MAY_FAIL),--redefine-sym $(f)=__real_$(f)) $$< $$@

$(1)/siobroker: $(PROGRAM_SRC:%.c=$(1)/obj/%.o) $(1)/script
$(1)/contract-server: $(TOOL_SRC:%.c=$(1)/obj/%.o)
$(EXAMPLE_SRC:client-demo/%.c=$(1)/%): $(1)/%: $(1)/obj/client-demo/%.o
$(1)/obj/client-demo/%.o: SIO_CPPFLAGS += -Iserver
$(UNIT_SRC:tests/unit/%_test.c=$(1)/unit/%): $(1)/unit/%: $(1)/obj/tests/unit/%_test.o
$(patsubst tests/unit/%_test.c,$(1)/unit/%,$(filter tests/unit/cli/%,$(UNIT_SRC))): \
    $(CLI_SRC:%.c=$(1)/obj/%.o)
$(patsubst tests/unit/%_test.c,$(1)/unit/%,$(filter tests/unit/script/%,$(UNIT_SRC))): \
    $(SCRIPT_SRC:%.c=$(1)/obj/%.o)
$(1)/siobroker $(1)/replay/script \
$(patsubst tests/unit/%_test.c,$(1)/unit/%,$(filter tests/unit/script/%,$(UNIT_SRC))): \
    private SIO_LIBS := $(if $(QUICKJS),-lquickjs) $(SIO_LIBS)
$(1)/unit/server/out_of_memory: LDFLAGS += $(MAY_FAIL:%=-Wl,--wrap=%)
$(1)/unit/server/out_of_memory: $(UNIT_AID_SRC:%.c=$(1)/obj/%.o) $(1)/obj/tests/fuzz/fake_random.o \
    $(1)/libunfailingworld.a
# The fuzz targets without a fuzzer: what they are given, once.
$(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(1)/replay/%): $(1)/replay/%: \
    $(1)/obj/tests/fuzz/fuzz_%.o $(1)/obj/tests/fuzz/replay.o
$(WORLD_FUZZ:%=$(1)/replay/%): $(1)/libfuzzworld.a
$(1)/replay/script: $(SCRIPT_SRC:%.c=$(1)/obj/%.o)
$(CLOCK_FUZZ:%=$(1)/replay/%): $(1)/obj/tests/fuzz/fake_clock.o
$(RANDOM_FUZZ:%=$(1)/replay/%): $(1)/obj/tests/fuzz/fake_random.o

$$(PROGRAMS_$(1)) $$(TESTS_$(1)) $$(REPLAYS_$(1)): $(1)/libsiobroker.a
	@mkdir -p $$(@D)
	$$(call say,LD)
	$$(Q)$$(LINK_$(1)) -o $$@ $$(filter %.o,$$^) $$(filter %world.a,$$^) $$< $$(SIO_LIBS) $$(LIBS)

# What measures shares nothing with what is measured.
$(1)/bench/load: $(LOAD_SRC:%.c=$(1)/obj/%.o)
$(1)/bench/yardstick: $(YARDSTICK_SRC:%.c=$(1)/obj/%.o)
$$(BENCH_$(1)):
	@mkdir -p $$(@D)
	$$(call say,LD)
	$$(Q)$$(LINK_$(1)) -o $$@ $$^ -lcrypto $$(LIBS)

-include $(SOURCES:%.c=$(1)/obj/%.d)
endef

# A line per file; "make V=1" shows the commands instead.
Q   = $(if $(V),,@)
say = $(if $(V),,@printf '  %-3s %s\n' $(1) $@)

$(eval $(call build,build,$(CC),$(OPTIMISED)))
$(eval $(call build,build/asan,$(ASAN_CC),$(SANITIZED)))
$(eval $(call build,build/coverage,$(CC),$(COVERED)))

# The shared library shows what siobroker.h declares and nothing else; libwebsockets is inside.
SHARED = build/libsiobroker.so.$(ABI)
$(SHARED): $(LIB_SRC:%.c=build/obj/%.o) server/siobroker.map
	$(call say,LD)
	$(Q)$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script=server/siobroker.map \
	    $(filter-out -pie,$(SIO_LDFLAGS)) $(LDFLAGS) -Wl,-z,defs -o $@ $(filter %.o,$^) $(SIO_LIBS) $(LIBS)
	@ln -sf $(@F) build/libsiobroker.so

# The static library as it is installed is one object: it has libwebsockets inside as well (unless
# that is the system's), and shows what the shared one shows.
STATIC  = build/lib/libsiobroker.a
OBJCOPY ?= objcopy
$(STATIC): build/libsiobroker.a server/siobroker.map
	@mkdir -p $(@D) && rm -f $@
	$(call say,AR)
	$(Q)$(CC) -r -nostdlib -o $(@D)/siobroker.o -Wl,--whole-archive $< -Wl,--no-whole-archive \
	    $(wildcard $(DEPS)/lib/libwebsockets.a)
	$(Q)sed -n 's/^ *\(sio_[a-z0-9_]*\);$$/\1/p' server/siobroker.map >$(@D)/symbols
	$(Q)$(OBJCOPY) --keep-global-symbols=$(@D)/symbols $(@D)/siobroker.o
	$(Q)$(AR) rcs $@ $(@D)/siobroker.o

build/siobroker.pc: Makefile build/where
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'Name: siobroker' \
	    'Description: Socket.IO broker as a library' 'Version: $(VERSION)' \
	    'Libs: -L$${libdir} -lsiobroker' \
	    'Libs.private: -lhiredis -levent_core -lcjson -lssl -lcrypto -lcrypt -lz -lm -pthread' \
	    'Cflags: -I$${prefix}/include' >$@

# Manual pages, and completion for shells: what is said of options, commands, settings and functions
# is made of the tables in the program, and of siobroker.h.
MAN_PAGES   = $(patsubst server/manual/man/%.in,build/man/%,$(wildcard server/manual/man/*.in))
MAN_PARTS   = $(foreach part,options commands settings functions,build/man/parts/$(part))
COMPLETIONS = build/completion/siobroker build/completion/_siobroker

build/man/parts/%: build/siobroker
	@mkdir -p $(@D)
	$(call say,MAN)
	$(Q)build/siobroker manual $(@F) >$@

build/man/parts/functions: server/manual/man/functions.awk server/siobroker.h
	@mkdir -p $(@D)
	$(call say,MAN)
	$(Q)awk -f $^ >$@

build/man/%: server/manual/man/%.in $(MAN_PARTS)
	$(call say,MAN)
	$(Q)sed $(foreach part,$(MAN_PARTS),-e '/^@$(notdir $(part))@$$/{r $(part)' -e 'd}') $< >$@

build/completion/siobroker build/completion/_siobroker: build/siobroker
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)build/siobroker completion $(if $(filter _%,$(@F)),zsh,bash) >$@

# What "make install" copies.
INSTALLED = build/siobroker $(SHARED) $(STATIC) build/siobroker.pc $(CLIENT)/socket.io.js \
            $(MAN_PAGES) $(COMPLETIONS)

# The fuzz targets; libFuzzer brings main().
FUZZERS = $(FUZZ_SRC:tests/fuzz/fuzz_%.c=build/asan/fuzz/%)
$(FUZZERS): build/asan/fuzz/%: build/asan/libsiobroker.a build/asan/obj/tests/fuzz/fuzz_%.o
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(LINK_build/asan) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %world.a,$^) $< \
	    $(SIO_LIBS) $(LIBS)
$(WORLD_FUZZ:%=build/asan/fuzz/%): build/asan/libfuzzworld.a
build/asan/fuzz/script: $(SCRIPT_SRC:%.c=build/asan/obj/%.o)
build/asan/fuzz/script: private SIO_LIBS := $(if $(QUICKJS),-lquickjs) $(SIO_LIBS)
$(CLOCK_FUZZ:%=build/asan/fuzz/%): build/asan/obj/tests/fuzz/fake_clock.o
$(RANDOM_FUZZ:%=build/asan/fuzz/%): build/asan/obj/tests/fuzz/fake_random.o

# Kept objects make the next build short; make would remove some of them as intermediate files.
.SECONDARY:
.PHONY: FORCE
FORCE:

# ---- goals ---------------------------------------------------------------------------------------

.PHONY: all man deb test-deb deps demo run install uninstall check test asan fuzz coverage bench \
        lint format format-check clean distclean help

all: $(PROGRAMS_build) build/libsiobroker.a $(SHARED) build/siobroker.pc $(CLIENT)/socket.io.js ## build the broker, its library and the browser client

man: $(MAN_PAGES) $(COMPLETIONS) ## the manual pages and completion for shells, in build/

deps: packages ## install what building needs (Debian packages, by need)

demo: all ## the whole picture: redis, two instances, nginx, two pages; BACKEND=node, python or php; APP=js
	@BACKEND='$(BACKEND)' APP='$(APP)' client-demo/demo

run: all ## start build/siobroker with ARGS="..."
	@build/siobroker $(ARGS)

check: all man $(UNIT_SRC:tests/unit/%_test.c=build/unit/%) $(BENCH_build) ## after each change: layers, unit and wire tests of the optimised build, without the heavy ones
	@QUICK=1 UNIT_BUILDS=build TEST_JOBS=$$((6 * $$(nproc))) SIOBROKER=$(CURDIR)/build/siobroker \
	    CONTRACT_SERVER=$(CURDIR)/build/contract-server tests/run layers unit wire

test: all $(INSTALLED) asan $(TESTS_build) ## run every test, from nothing; the last line counts them
	@tests/run

asan: $(PROGRAMS_build/asan) $(TESTS_build/asan) $(BENCH_build/asan) $(FUZZERS) ## the same with sanitizers, and the fuzz targets, in build/asan/

fuzz: $(FUZZERS) ## run each fuzz target for FUZZ_SECONDS
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run fuzz

# Two countings: what the corpora of the fuzzers run, then what the tests do. Both go on when a test
# fails; programs that a test kills have not counted.
COUNTED = build/coverage/obj
coverage: all $(PROGRAMS_build/coverage) $(TESTS_build/coverage) $(REPLAYS_build/coverage) ## which lines of each file the fuzzers' corpora run, and which the tests
	@find $(COUNTED) -name '*.gcda' -delete
	-@for t in $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%); do \
	    timeout 60 build/coverage/replay/$$t tests/fuzz/corpus/$$t >/dev/null 2>&1; done
	@node tests/coverage.js count $(COUNTED) build/coverage/fuzzers.json
	@find $(COUNTED) -name '*.gcda' -delete
	-@UNIT_BUILDS=build/coverage SIOBROKER=$(CURDIR)/build/coverage/siobroker \
	    CONTRACT_SERVER=$(CURDIR)/build/coverage/contract-server \
	    timeout $(COVERAGE_SECONDS) tests/run $(COVERAGE_KINDS)
	@node tests/coverage.js count $(COUNTED) build/coverage/tests.json
	@node tests/coverage.js report build/coverage/fuzzers.json build/coverage/tests.json \
	    >build/coverage/report.txt
	@tail -n 2 build/coverage/report.txt; echo "by file, the worst first: build/coverage/report.txt"

bench: all $(BENCH_build) ## measure, beside the rivals; QUICK=1: roughly, in two minutes; ARGS="--help"
	@node tests/bench/run.js $(if $(QUICK),--quick) $(ARGS)

MAN_FOLDERS        = man3 man5 man8
ADMIN_UI_FOLDERS   = css fonts img js
COMPLETION_FOLDERS = bash-completion/completions zsh/site-functions

install: $(INSTALLED) ## install under PREFIX (/usr/local), honouring DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig \
	    $(DESTDIR)$(PREFIX)/share/siobroker/browser-client/4 \
	    $(ADMIN_UI_FOLDERS:%=$(DESTDIR)$(PREFIX)/share/siobroker/browser-client/admin-ui/%) \
	    $(DESTDIR)$(PREFIX)/share/doc/siobroker/manual $(DESTDIR)$(PREFIX)/include \
	    $(MAN_FOLDERS:%=$(DESTDIR)$(PREFIX)/share/man/%) \
	    $(COMPLETION_FOLDERS:%=$(DESTDIR)$(PREFIX)/share/%)
	install -m 755 build/siobroker $(DESTDIR)$(PREFIX)/bin/
	install -m 644 server/siobroker.h $(DESTDIR)$(PREFIX)/include/
	install -m 755 $(SHARED) $(DESTDIR)$(LIBDIR)/
	install -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)/
	ln -sf $(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/libsiobroker.so
	install -m 644 build/siobroker.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m 644 $(CLIENT)/socket.io*.js $(CLIENT)/*.swf \
	    $(DESTDIR)$(PREFIX)/share/siobroker/browser-client/
	install -m 644 $(CLIENT)/4/* $(DESTDIR)$(PREFIX)/share/siobroker/browser-client/4/
	for folder in . $(ADMIN_UI_FOLDERS); do \
	    install -m 644 $$(find $(CLIENT)/admin-ui/$$folder -maxdepth 1 -type f) \
	        $(DESTDIR)$(PREFIX)/share/siobroker/browser-client/admin-ui/$$folder/ || exit 1; done
	install -m 644 server/admin/share/* $(DESTDIR)$(PREFIX)/share/siobroker/
	install -m 644 README.md client-demo/nginx.conf client-demo/systemd/*.service \
	    client-demo/kubernetes/*.yaml $(DESTDIR)$(PREFIX)/share/doc/siobroker/
	install -m 644 server/manual/*.md $(DESTDIR)$(PREFIX)/share/doc/siobroker/manual/

	for page in $(MAN_PAGES); do \
	    install -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/ || exit 1; done
	install -m 644 build/completion/siobroker \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/
	install -m 644 build/completion/_siobroker $(DESTDIR)$(PREFIX)/share/zsh/site-functions/

uninstall: ## remove what "make install" put there
	rm -f $(DESTDIR)$(PREFIX)/bin/siobroker $(DESTDIR)$(PREFIX)/include/siobroker.h \
	    $(DESTDIR)$(LIBDIR)/libsiobroker.* $(DESTDIR)$(LIBDIR)/pkgconfig/siobroker.pc
	rm -rf $(DESTDIR)$(PREFIX)/share/siobroker $(DESTDIR)$(PREFIX)/share/doc/siobroker
	for page in $(notdir $(MAN_PAGES)); do \
	    rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page; done
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/siobroker \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_siobroker

# Where "make deb" leaves the packages, and the releases of Debian in which "make test-deb" installs
# them.
DEB_FOLDER = build/deb
DEB_SUITES = bookworm

deb: $(INSTALLED) ## Debian packages of what is built, in build/deb/
	@MAKEFLAGS= client-demo/deb.sh $(VERSION) $(DEB_FOLDER)

test-deb: deb ## install, upgrade and purge them in a clean root (as root; fetches one)
	@for suite in $(DEB_SUITES); do tests/deb $(DEB_FOLDER) $$suite || exit 1; done

lint: compile_commands.json build/libsiobroker.a $(PROGRAM_SRC:%.c=build/obj/%.o) ## clang-tidy, cppcheck and tests/layers; silent when there is nothing to say
	$(Q)tests/layers
	$(Q)printf '%s\n' $(SOURCES) | xargs -P "$$(nproc)" -I {} \
	    sh -c 'said=$$(clang-tidy --quiet -p . {} 2>&1) || { printf "%s\n" "$$said"; exit 1; }'
	$(Q)cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	    --std=c11 -D_GNU_SOURCE -I. $(SOURCES)

format: | packages ## lay out the C files with clang-format
	$(Q)clang-format -i $(SOURCES) $(HEADERS)

format-check: | packages ## fail when "make format" would change something
	$(Q)clang-format --dry-run --Werror $(SOURCES) $(HEADERS)

compile_commands.json: SIO_CPPFLAGS += -Iserver $(SHARE_DIR)
compile_commands.json: Makefile FORCE ## the compile commands, for editors and clang-tidy
	@{ sep='['; for f in $(SOURCES); do \
	    printf '%s\n{"directory": "%s", "file": "%s", "command": "%s"}' "$$sep" '$(CURDIR)' "$$f" \
	        "$$(printf '%s -c %s' "$$FLAGS" "$$f" | sed 's/["\\]/\\&/g')"; sep=','; \
	done; printf '\n]\n'; } >$@
compile_commands.json: export FLAGS = $(COMPILE_build)

clean: ## remove what was built, keep what was fetched
	find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} + 2>/dev/null || true
	rm -f compile_commands.json

distclean: ## remove everything that is not in the repository
	rm -rf build compile_commands.json tests/node_modules tests/bench/node_modules

help: ## list these goals
	@sed -n 's/^\([a-z_.-]*\):.* ## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
	    while IFS='|' read -r goal text; do printf '  %-22s %s\n' "$$goal" "$$text"; done
