// The steps of the build, in their order. Each knows by a stamp when it is done (stamp.mjs).

/** @type {readonly import('./stamp.mjs').Step[]} */
export const buildSteps = [
  {
    name: 'dependencies',
    title: 'npm packages',
    // Scripts of packages are not needed, and our own install script is the next step: there it shows its progress.
    commands: [['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']],
    inputs: ['package-lock.json'],
    outputs: ['node_modules/.package-lock.json'],
  },
  {
    name: 'addon',
    title: 'kernel programs and addon',
    commands: [['npm', 'run', '--silent', 'build:addon']],
    inputs: [
      'CMakeLists.txt',
      'bpf',
      'native',
      'scripts/install-addon.mjs',
      'scripts/lib/target.mjs',
      'package-lock.json',
    ],
    outputs: ['build/Release/oomscope.node'],
  },
  {
    name: 'layout',
    title: 'record layout is current',
    commands: [['npm', 'run', '--silent', 'check:layout']],
    inputs: ['bpf/events.h', 'scripts/generate-layout.mjs', 'src/events/layout.gen.ts'],
    outputs: [],
  },
  {
    name: 'wire',
    title: 'wire format',
    commands: [['npm', 'run', '--silent', 'build:wire']],
    inputs: [
      'src/wire/oomscope.proto',
      'src/report/perfetto/perfetto.proto',
      'src/identity/cri/cri.proto',
      'scripts/build-wire.mjs',
      'scripts/generate-descriptor.mjs',
      'package-lock.json',
    ],
    outputs: [
      'src/wire/proto.gen.js',
      'src/wire/proto.gen.d.ts',
      'src/trace/descriptor.gen.ts',
      'src/report/perfetto/perfetto.gen.js',
      'src/report/perfetto/perfetto.gen.d.ts',
      'src/identity/cri/cri.gen.js',
      'src/identity/cri/cri.gen.d.ts',
    ],
  },
  {
    name: 'server',
    title: 'command line and server',
    commands: [['npm', 'run', '--silent', 'build:server']],
    inputs: ['src', 'tsconfig.json', 'package-lock.json', 'scripts/build-server.mjs'],
    outputs: ['dist/cli.js', 'dist/play-scenario.js'],
  },
  {
    name: 'page',
    title: 'page',
    commands: [['npm', 'run', '--silent', 'build:page']],
    inputs: [
      'ui',
      'src/base',
      'src/events',
      'src/wire',
      'src/model',
      'src/trace',
      'src/kernel-log',
      'package-lock.json',
    ],
    outputs: ['dist/ui/index.html'],
  },
  {
    name: 'lab',
    title: 'lab programs',
    commands: [['npm', 'run', '--silent', 'build:lab']],
    inputs: ['lab'],
    outputs: ['build/lab/hog'],
  },
];
