import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** unit: beside the code, and the replay of goldens. webgpu: every graph on SwiftShader against the CPU.
 *  faults: whole processes that are killed and starved. e2e: the built app in a real Electron and a real Chromium; one window at a time. */
export default defineConfig({
  test: {
    // Of its own accord it leaves a core free, which on two is half of them.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{app,main,renderer,scripts,test/parity}/**/*.test.{ts,tsx}'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'webgpu',
          include: ['test/webgpu/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
