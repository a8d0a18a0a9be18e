import { join, resolve } from 'node:path'
import type { Studio } from '../../app/api/studio.ts'
import type { Job, JobProgress } from '../../app/library/records.ts'
import { fieldsOf } from '../../app/operations/fields.ts'
import { operations } from '../../app/operations/index.ts'
import type { Operation } from '../../app/operations/operation.ts'
import { Problem } from '../../app/problem.ts'
import { modelKinds } from '../../app/weights/model-kinds.ts'
import { createEngine } from '../engine-core.ts'
import { homeFolder } from '../home.ts'
import { logTo } from '../log-file.ts'
import { helpOf, parseCommandLine } from './flags.ts'
import { finished, modelOf, namedFiles, type Terminal, withPictures } from './generate.ts'
import { makeNewModel } from './new-model.ts'
import { ProgressLine } from './progress-line.ts'

/** `train lora --images DIR --identifier sks --class cat`: learns from pictures; what comes of it is in the library.
 *  @param models the folder of the models that come with the app
 *  @param signal ends the work between two steps; the same command goes on from there
 *  @throws Problem whatever keeps it from being done; what `signal` was aborted with */
export async function train(
  argv: readonly string[],
  models: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const [name, ...rest] = argv
  if (name === 'new') return makeNewModel(rest, terminal)
  const operation = trainerNamed(name)
  const line = parseCommandLine(operation, rest)
  if (line === 'help') {
    const what = Object.hasOwn(operation.parameters.shape, 'images') ? '--images DIR' : '--image FILE'
    terminal.stdout.write(helpOf(operation, `npm run train -- ${name} ${what}`))
    terminal.stdout.write(
      `\nWithout --seed it is ${USUAL_SEED}, so that the same command goes on where a training was stopped.\n`,
    )
    return
  }
  const at = (path: string) => resolve(terminal.folder, path)
  const parameters = { seed: USUAL_SEED, ...withFolders(operation, line.parameters, at) }
  const home = line.library === undefined ? homeFolder() : at(line.library)
  const { provider, precision } = line
  const engine = await createEngine({
    ...{ home, models, keepsQueue: false, provider, precision },
    log: logTo(join(home, 'logs', 'command.log')),
  })
  try {
    const { studio } = engine.context
    const known = new Set(studio.models(modelKinds).map(({ id }) => id))
    const files = namedFiles(studio, await withPictures(operation, parameters, studio, at), at)
    const model = modelOf(studio, line, at, operation.needs.model)
    const request = { operation: operation.id, model, parameters: files }
    const progress = new TrainingProgress(terminal.stderr)
    const job = await learned(studio, request, progress, signal, terminal)
    for (const { id, name, path, triggerWords = [], learned } of studio.models(modelKinds)) {
      if (known.has(id)) continue
      const said = triggerWords.length === 0 ? '' : `; say "${triggerWords[0]}" in the prompt`
      const word = learned ? `; draw with --operation ${learned.method} --learned "${name}"` : said
      terminal.stdout.write(`${name} is in the library: ${path}${word}\n`)
    }
    for (const id of job.images) {
      const blob = engine.blobPath(studio.image(id).hash)
      if (blob) terminal.stdout.write(`${blob.path}\n`)
    }
  } finally {
    await engine.close()
  }
}

/** Waits for the end of a training; one that is stopped says how it goes on. @throws Problem as `finished` */
async function learned(
  studio: Studio,
  request: Parameters<Studio['submit']>[0],
  progress: ProgressLine,
  signal: AbortSignal,
  { stderr }: Terminal,
): Promise<Job> {
  try {
    return await finished(studio, () => studio.submit(request), progress, signal)
  } catch (error) {
    if (signal.aborted) stderr.write('Stopped. The same command goes on from here.\n')
    throw error
  }
}

/** The parameters with the paths of folders of pictures and of networks as the engine, which knows no current folder, takes them. */
function withFolders(
  operation: Operation,
  parameters: Readonly<Record<string, unknown>>,
  at: (path: string) => string,
): Record<string, unknown> {
  const folders = fieldsOf(operation).filter(({ name, widget }) => widget === 'pictures' || name === 'network')
  const named = folders.flatMap(({ name }) => {
    const { [name]: folder } = parameters
    return typeof folder === 'string' && folder !== '' ? [[name, at(folder)] as const] : []
  })
  return { ...parameters, ...Object.fromEntries(named) }
}

/** A training goes on by what it was asked for, seed included: one of chance would begin anew each time. */
const USUAL_SEED = '0'

/** Trainers are the operations whose id begins so. */
const PREFIX = 'train-'

function trainerNamed(name: string | undefined): Operation {
  const id = `${PREFIX}${name}`
  if (Object.hasOwn(operations, id)) return operations[id]
  const known = Object.keys(operations).filter(each => each.startsWith(PREFIX))
  throw new Problem('COMMAND_LINE', `There is no trainer ${JSON.stringify(name ?? '')}.`, {
    hint: `Use ${known.map(each => each.slice(PREFIX.length)).join(', ')} or new; --help after it tells how.`,
  })
}

/** What a training is about to do stays to be read; its steps share a line. */
class TrainingProgress extends ProgressLine {
  readonly #stderr: Terminal['stderr']
  #said = ''

  constructor(stderr: Terminal['stderr']) {
    super(stderr)
    this.#stderr = stderr
  }

  override show(progress: Pick<JobProgress, 'phase' | 'secondsLeft'> & { readonly step?: number }): void {
    if (progress.step !== 0) {
      super.show(progress)
    } else if (progress.phase !== this.#said) {
      this.#said = progress.phase
      this.clear()
      this.#stderr.write(`${progress.phase}\n`)
    }
  }
}
