import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ModelInfo } from '../../app/api/contract.ts'
import { openLibrary } from '../../app/library/library.ts'
import { Problem } from '../../app/problem.ts'
import { type ModelKind, modelKinds } from '../../app/weights/model-kinds.ts'
import { homeFolder } from '../home.ts'
import { ModelShelf } from '../model-shelf.ts'
import { checkModelPrecision } from './check-precision.ts'
import type { Terminal } from './generate.ts'
import { getModel } from './get-model.ts'
import { mergeModel } from './merge-model.ts'

const help = `Usage: npm run models -- COMMAND [ARGUMENTS]

  import PATH...        Adds models where they lie: files, folders of models, and the model folders of other programs.
  list [--kind KIND]    All models, or those of one kind: ${modelKinds.join(', ')}.
  show MODEL            What is known of a model: its id, name or path.
  find MODEL PATH       Finds a model again whose files were moved: where they are now, or a folder with them.
  remove MODEL...       Forgets models; their files stay.
  merge MODEL ...       Makes a new model of others, or of one and LoRAs; merge --help tells how.
  check MODEL           Measures what a model loses in a precision: --precision "8 bit" or "4 bit".
  get ID_OR_URL         Fetches a model from a hub; get --help tells how.

  --library DIR         The folder with the library, instead of the usual one.
  --json                One line of JSON for each model, for programs.
`

interface Words {
  readonly command: string
  readonly names: readonly string[]
  readonly kind: string | undefined
  readonly library: string | undefined
  readonly json: boolean
  readonly help: boolean
}

/** `models COMMAND`: what models this computer has. @param embedded the folder of the models that come with the app
 *  @throws Problem COMMAND_LINE, MODEL_UNKNOWN, MODELS_REFUSED where nothing of what was named could be imported; whatever `getModel`,
 *  `mergeModel` and `checkModelPrecision` throw; what `signal` was aborted with */
export async function models(
  argv: readonly string[],
  embedded: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  // Its flags are its own.
  if (argv[0] === 'get') return getModel(argv.slice(1), terminal, signal)
  if (argv[0] === 'merge') return mergeModel(argv.slice(1), embedded, terminal, signal)
  if (argv[0] === 'check') return checkModelPrecision(argv.slice(1), embedded, terminal, signal)
  const words = parseWords(argv)
  const command = commands[words.command]
  if (words.help || words.command === '') return void terminal.stdout.write(help)
  if (command === undefined) throw bad(`There is no command ${JSON.stringify(words.command)}.`)
  if (command.takesNames && words.names.length === 0) throw bad(`${words.command} needs to know which.`)
  const home = words.library === undefined ? homeFolder() : resolve(terminal.folder, words.library)
  const library = openLibrary({ home, keepsQueue: false })
  const shelf = new ModelShelf(library.models, embedded)
  try {
    await command.run(shelf, words, terminal)
  } finally {
    shelf.close()
    library.close()
  }
}

type Command = (shelf: ModelShelf, words: Words, terminal: Terminal) => Promise<void> | void

const commands: Readonly<Partial<Record<string, { readonly takesNames: boolean; readonly run: Command }>>> = {
  import: { takesNames: true, run: importModels },
  list: { takesNames: false, run: list },
  show: { takesNames: true, run: show },
  remove: { takesNames: true, run: remove },
  find: { takesNames: true, run: find },
}

const bad = (message: string): Problem => new Problem('COMMAND_LINE', message, { hint: 'See models --help.' })

function parseWords(argv: readonly string[]): Words {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        kind: { type: 'string' },
        library: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const [command = '', ...names] = positionals
    return { command, names, kind: values.kind, library: values.library, json: values.json, help: values.help }
  } catch (error) {
    throw bad(error instanceof Error ? error.message.split('. ')[0].replace(/\.?$/, '.') : String(error))
  }
}

async function importModels(shelf: ModelShelf, { names, json }: Words, terminal: Terminal): Promise<void> {
  const report = await shelf.import(names.map(name => resolve(terminal.folder, name)))
  for (const model of report.models) terminal.stdout.write(json ? jsonOf(model) : lineOf(model))
  for (const { path, problem } of report.refused) {
    terminal.stderr.write(problem.includes(path) ? `${problem}\n` : `${path}: ${problem}\n`)
  }
  if (!json) terminal.stdout.write(`${report.models.length} of ${report.found} imported\n`)
  if (report.models.length > 0) return
  if (report.found === 0) {
    throw new Problem('MODELS_NONE', `There is no model in ${names.join(', ')}.`, { hint: 'Check the path.' })
  }
  throw new Problem('MODELS_REFUSED', 'Nothing was imported.')
}

function list(shelf: ModelShelf, { kind, json }: Words, { stdout }: Terminal): void {
  for (const model of shelf.list(kindsOf(kind))) stdout.write(json ? jsonOf(model) : lineOf(model))
}

function kindsOf(kind: string | undefined): readonly ModelKind[] {
  if (kind === undefined) return modelKinds
  const known = modelKinds.find(each => each === kind)
  if (known) return [known]
  throw bad(`--kind is one of ${modelKinds.join(', ')}, not ${JSON.stringify(kind)}.`)
}

function show(shelf: ModelShelf, { names, json }: Words, terminal: Terminal): void {
  for (const name of names) {
    const model = named(shelf, name, terminal)
    terminal.stdout.write(json ? jsonOf(model) : describe(model))
  }
}

function remove(shelf: ModelShelf, { names }: Words, terminal: Terminal): void {
  const chosen = names.map(name => named(shelf, name, terminal))
  const embedded = chosen.find(model => model.embedded)
  if (embedded) throw bad(`${embedded.name} comes with Sfumato and stays.`)
  shelf.remove(chosen.map(({ id }) => id))
  for (const { name, path } of chosen) terminal.stdout.write(`Forgot ${name}; ${path} stays where it is.\n`)
}

async function find(shelf: ModelShelf, { names, json }: Words, terminal: Terminal): Promise<void> {
  const [name = '', path, ...others] = names
  if (path === undefined || others.length > 0) throw bad('find needs a model and the path where it is now.')
  const found = await shelf.locate(named(shelf, name, terminal).id, resolve(terminal.folder, path))
  terminal.stdout.write(json ? jsonOf(found) : `${found.name} is ${found.path} now.\n`)
}

/** A model by its id, name or path. @throws Problem MODEL_UNKNOWN */
function named(shelf: ModelShelf, name: string, { folder }: Terminal): ModelInfo {
  const all = shelf.list(modelKinds)
  const path = resolve(folder, name)
  const found =
    all.find(({ id }) => id === name) ??
    all.find(model => model.name.toLowerCase() === name.toLowerCase()) ??
    all.find(model => model.path === path)
  if (found) return found
  throw new Problem('MODEL_UNKNOWN', `There is no model ${JSON.stringify(name)} in the library.`, {
    hint: 'See models list.',
  })
}

const jsonOf = (model: ModelInfo): string => `${JSON.stringify(model)}\n`

const columns = (...words: readonly (string | undefined)[]) => words.filter(Boolean).join('  ')

function lineOf({ id, name, kind, family, precision, bytes, problem }: ModelInfo): string {
  const state = problem === undefined ? undefined : 'cannot be used now'
  return `${columns(kind.padEnd(12), (family ?? 'unknown').padEnd(12), precision.padEnd(7), sizeOf(bytes), name, `(${id})`, state)}\n`
}

/** `12.3 MB`, right-aligned. */
const sizeOf = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`.padStart(11)

function describe(model: ModelInfo): string {
  const rows: [string, string | undefined][] = [
    ['name', model.name],
    ['id', model.id],
    ['kind', model.kind],
    ['family', model.family],
    ['path', model.path],
    ['size', sizeOf(model.bytes).trim()],
    ['precision', model.precision],
    ['sha256', model.hash],
    ['licence', model.licence],
    ['trigger words', model.triggerWords?.join(', ')],
    ['merged from', model.mergedFrom],
    ...(model.lacks ?? []).map(({ words, files }): [string, string] => ['lacks', [words, ...files].join(': ')]),
    ['problem', model.problem],
  ]
  const said = rows.filter(([, value]) => value !== undefined && value !== '')
  return `${said.map(([label, value]) => `${label.padEnd(14)} ${value}`).join('\n')}\n`
}
