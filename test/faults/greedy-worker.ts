import { operations } from '../../app/operations/index.ts'
import type { Operation } from '../../app/operations/operation.ts'

/** The real worker, whose trainings say that they keep more between steps than any computer has. */
for (const operation of Object.values(operations)) if (operation.resumes) makeGreedy(operation)

function makeGreedy(operation: Operation): void {
  const run = operation.run.bind(operation)
  operation.run = async function* (context, parameters) {
    const steps = run(context, parameters)
    try {
      for (;;) {
        const next = await steps.next()
        if (next.done) return next.value
        yield { ...next.value, heldBytes: 1e15 }
      }
    } finally {
      await steps.return([])
    }
  }
}

await import('../../main/worker.ts')
