# Six doors. The work stands in scripts/ and in package.json.
.PHONY: run test check bench build clean

# Shows real kills in a browser: of this node where its kernel lets us, else of a virtual machine.
# make run ARGS="--port 7071" hands options on.
run:
	@scripts/setup.sh build && node scripts/build.mjs && exec node scripts/run.mjs $(ARGS)

# Everything that is checked and tested, virtual machines and browser included.
test:
	@scripts/setup.sh test && exec node scripts/verify.mjs test

# What takes seconds: formats, lint, types, import rules, unit tests.
check:
	@scripts/setup.sh check && exec node scripts/verify.mjs check

# What watching costs, measured on kernels in virtual machines: docs/performance.md.
bench:
	@scripts/setup.sh test && node scripts/build.mjs && exec npx vitest run --config vitest.vm.config.ts test/vm/overhead.test.ts

build:
	@scripts/setup.sh build && exec node scripts/build.mjs

# Removes what was built. Installed packages and downloaded kernels stay.
clean:
	@exec node scripts/clean.mjs
