import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { Operation } from '../../app/operations/operation.ts'

/** What a step does: waits as a native call does, so that the thread hears nothing; computes; or ends the process. */
const kinds = ['blocks', 'computes', 'crashes'] as const

/** An operation whose steps cost whatever a test wants. */
export const slowOperation: Operation = {
  id: 'slow',
  version: 1,
  title: 'Slow',
  description: 'Draws a grey picture, slowly.',
  needs: { model: 'checkpoint' },
  parameters: z.object({
    prompt: z.string().default(''),
    steps: z.int().min(1).max(1000).default(3),
    milliseconds: z.int().min(0).max(600_000).default(0),
    kind: z.enum(kinds).default('blocks'),
    count: z.int().min(1).max(64).default(1),
  }),
  async *run({ signal, wantsPreviews }, parameters) {
    const { steps, milliseconds, kind, count } = parametersOf(parameters)
    const grey = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(128) }
    for (let step = 1; step <= steps; step++) {
      signal.throwIfAborted()
      if (kind === 'crashes' && step === 2) process.abort()
      else if (kind === 'computes') compute(milliseconds)
      else block(milliseconds)
      yield { phase: `Step ${step} of ${steps}`, step, total: steps, ...(wantsPreviews && { previews: [grey] }) }
    }
    return Array.from({ length: count }, (_, k) => {
      const data = grey.data.map((value, at) => (at === k ? 0 : value))
      return { image: { ...grey, data }, seed: BigInt(k) }
    })
  },
}

const parametersOf = (parameters: unknown) =>
  z.object({ steps: z.number(), milliseconds: z.number(), kind: z.enum(kinds), count: z.number() }).parse(parameters)

const block = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

/** Keeps every core busy, as a network on ONNX Runtime's threads does. */
function compute(milliseconds: number): void {
  const script = `const end = performance.now() + ${milliseconds}; while (performance.now() < end);`
  for (let thread = 1; thread < availableParallelism(); thread++) new Worker(script, { eval: true })
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

export const operations = { [slowOperation.id]: slowOperation }
