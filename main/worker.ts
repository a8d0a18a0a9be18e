import { statSync } from 'node:fs'
import { availableParallelism, constants, getPriority, setPriority } from 'node:os'
import type { Target } from '../app/graph/targets.ts'
import { additionFiles, additionsOf } from '../app/operations/additions.ts'
import { operations } from '../app/operations/index.ts'
import { LazyModels } from '../app/operations/lazy-models.ts'
import type { OpenModels, Workshop } from '../app/operations/operation.ts'
import { computingTarget } from '../app/runtime/computing-target.ts'
import { convolutionBlock } from '../app/runtime/convolution-block.ts'
import { measureFewBits } from '../app/runtime/eight-bit.ts'
import { mergedLoras } from '../app/runtime/merge-loras.ts'
import { probeProvider } from '../app/runtime/probe.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import { loadOnnxRuntime } from '../app/runtime/session.ts'
import type { PrecisionChoice } from '../app/weights/precision.ts'
import { serveLooks } from './picture-looks.ts'
import { serveSegmentation } from './segmentation.ts'
import { serveForesight } from './training-foresight.ts'
import { endWithParent } from './watchdog.ts'
import { serveWordFinding } from './word-finding.ts'
import type { JobOrder } from './worker-messages.ts'
import { send, serveJobs } from './worker-program.ts'

/** The worker's program: ONNX Runtime and the operations, in a process that may be ended at any time.
 *  `worker --probe webgpu` only finds out whether a provider can be used, `worker --probe few-bits` what 8 and 4 bit gain on this computer; both print
 *  that as a line of JSON. `worker --foresee` tells the engine what trainings would take. `worker --look NETWORK` tells what pictures look like, `worker --segment`
 *  finds objects in them, `worker --find-words` what words say. */

/** A little below the engine and the page, so that both stay quick while all cores compute. Windows knows only a few steps. */
const NICENESS = process.platform === 'win32' ? constants.priority.PRIORITY_BELOW_NORMAL : 5

/** Threads to compute on. Node counts logical processors; beyond four of them two share a core, and the second gains nothing. */
const threads = availableParallelism() > 4 ? Math.ceil(availableParallelism() / 2) : availableParallelism()

/** What is open: kept for the next job where it asks for the same. */
interface Bench {
  readonly target: Target
  readonly memoryBudget: number
  readonly runtime: Runtime
  model?: {
    readonly path: string
    readonly fingerprint: string
    /** What is beside the model, when those files changed, and the precision. */
    readonly additions: string
    readonly opened: LazyModels
  }
}
let bench: Bench | undefined

async function prepare(order: JobOrder): Promise<() => OpenModels & Pick<Workshop, 'runtime'>> {
  const { provider, memoryBudget, model, parameters } = order
  const target = computingTarget(provider, order.precision.precision)
  if (bench?.target !== target || bench.memoryBudget !== memoryBudget) {
    await bench?.runtime.release()
    // What is written to the error output stands in the program's log.
    const onNote = (sentence: string) => console.error(sentence)
    bench = { target, memoryBudget, runtime: new Runtime({ target, threads, memoryBudget, onNote }) }
  }
  const current = bench
  if (current.model?.path === model.path && current.model.fingerprint !== model.fingerprint) {
    // Its files were replaced: pages of the old ones must not be computed with.
    await current.runtime.release()
    current.model = undefined
  }
  const precision = await onThisComputer(order)
  return () => {
    const beside = additionsOf(parameters)
    const changed = additionFiles(parameters).map(path => statSync(path, { throwIfNoEntry: false })?.mtimeMs)
    const additions = JSON.stringify([beside, changed, precision])
    if (current.model?.path !== model.path || current.model.additions !== additions) {
      // Sessions stay with the runtime: another strength opens nothing again.
      const opened = new LazyModels(model.path, current.runtime, { ...beside, precision })
      current.model = { ...model, additions, opened }
    }
    return current.model.opened
  }
}

/** Single precision is laid out as this computer's processor wants it. */
const onThisComputer = async ({ provider, precision }: JobOrder): Promise<PrecisionChoice> =>
  precision.precision === 'fp32' && provider === 'cpu' ? { ...precision, block: await convolutionBlock() } : precision

async function work(): Promise<void> {
  await endWithParent()
  // Whoever began it lower keeps it there.
  setPriority(Math.max(NICENESS, getPriority()))
  // Ctrl+C in a terminal reaches every process of the group; what it means here is the parent's to say.
  process.on('SIGINT', () => {})
  serveJobs({ operations, prepare, mergedLoras: (weights, loras) => mergedLoras(weights, loras, threads) })
  // Before the first job needs it.
  await loadOnnxRuntime()
  await send({ type: 'ready' })
}

async function probe(what: string): Promise<void> {
  await endWithParent()
  process.stdout.write(`${JSON.stringify(await found(what))}\n`, () => process.exit())
}

function found(what: string): Promise<unknown> {
  if (what === 'few-bits') return measureFewBits(threads)
  if (what === 'cpu' || what === 'webgpu') return probeProvider(what, threads)
  throw new Error(`there is nothing to find out about ${what}`)
}

const [, , command, what = ''] = process.argv
/** Only answers questions of one sort. */
async function answerTo(serve: () => void, priority = NICENESS): Promise<void> {
  await endWithParent()
  setPriority(priority)
  process.on('SIGINT', () => {})
  serve()
}

const ways: Readonly<Record<string, () => Promise<void>>> = {
  '--probe': () => probe(what),
  '--foresee': () => answerTo(() => serveForesight(operations)),
  '--segment': () => answerTo(() => serveSegmentation(threads)),
  '--find-words': () => answerTo(() => serveWordFinding(threads)),
  // While nothing else wants the processor.
  '--look': () => answerTo(() => serveLooks(what), constants.priority.PRIORITY_LOW),
}
const running = (ways[command] ?? work)()
running.catch((error: Error) => {
  console.error(error)
  process.exit(1)
})
