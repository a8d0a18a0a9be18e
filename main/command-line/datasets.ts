import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Dataset } from '../../app/api/contract.ts'
import { openLibrary } from '../../app/library/library.ts'
import { Problem } from '../../app/problem.ts'
import { DatasetShelf } from '../dataset-shelf.ts'
import { homeFolder } from '../home.ts'
import { Thumbnails } from '../thumbnails.ts'
import type { Terminal } from './generate.ts'
import { ProgressLine } from './progress-line.ts'

const help = `Usage: npm run datasets -- COMMAND [ARGUMENTS]

  add DIR                 Makes a data set of a folder's pictures, where they lie: [--name NAME] [--background #ffffff] [--may-flip]
  list                    All data sets.
  show SET                Pictures that are refused or there twice, buckets and tags: [--resolution 512] [--step 8]
  look SET                Looks for what is new, changed, moved or gone.
  caption SET PATH TEXT   The words of one picture.
  crop SET PATH PART      The part of one picture that a model shall see, in pixels: LEFT,TOP,RIGHT,BOTTOM; or "all".
  tag SET                 Edits tags in all captions: [--first TAG] [--last TAG] [--remove TAG] [--replace OLD=NEW], each as often as needed.
  remove SET              Forgets a data set; its files stay.

  A SET is an id, a name or a folder. Words come from the .txt beside a picture, or from the prompt that it carries.

  --library DIR           The folder with the library, instead of the usual one.
  --json                  JSON, for programs.
`

const options = {
  name: { type: 'string' },
  background: { type: 'string' },
  'may-flip': { type: 'boolean', default: false },
  resolution: { type: 'string' },
  step: { type: 'string' },
  first: { type: 'string', multiple: true },
  last: { type: 'string', multiple: true },
  remove: { type: 'string', multiple: true },
  replace: { type: 'string', multiple: true },
  library: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Words = ReturnType<typeof parseWords>
type Command = (shelf: DatasetShelf, words: Words, terminal: Terminal, signal: AbortSignal) => Promise<void> | void

/** `datasets COMMAND`: the pictures that a person trains on. Stopping it leaves what was seen so far; `look` goes on.
 *  @throws Problem COMMAND_LINE, DATASET_*, FILE_*, FOLDER_NEEDED; what `signal` was aborted with */
export async function datasets(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<void> {
  const words = parseWords(argv)
  const [command] = words.names
  if (words.help || command === undefined) return void terminal.stdout.write(help)
  const chosen = commands[command]
  if (chosen === undefined) throw bad(`There is no command ${JSON.stringify(command)}.`)
  if (words.names.length - 1 !== chosen.takes) throw bad(`${command} takes ${chosen.takes} arguments.`)
  const home = words.library === undefined ? homeFolder() : resolve(terminal.folder, words.library)
  const library = openLibrary({ home, keepsQueue: false })
  const line = new ProgressLine(terminal.stderr)
  const shelf = new DatasetShelf({
    table: library.datasets,
    thumbnails: new Thumbnails(join(home, 'cache', 'thumbnails')),
    onChange: ({ progress }) => progress && line.show({ phase: `${progress.done} of ${progress.total} pictures` }),
  })
  try {
    await chosen.run(shelf, words, terminal, signal)
  } finally {
    line.clear()
    shelf.close()
    library.close()
  }
}

const commands: Readonly<Partial<Record<string, { readonly takes: number; readonly run: Command }>>> = {
  add: { takes: 1, run: add },
  list: { takes: 0, run: list },
  show: { takes: 1, run: show },
  look: { takes: 1, run: look },
  caption: { takes: 3, run: caption },
  crop: { takes: 3, run: crop },
  tag: { takes: 1, run: tag },
  remove: { takes: 1, run: remove },
}

const bad = (message: string): Problem => new Problem('COMMAND_LINE', message, { hint: 'See datasets --help.' })

function parseWords(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options })
    return { ...values, names: positionals }
  } catch (error) {
    throw bad(error instanceof Error ? error.message.split('. ')[0].replace(/\.?$/, '.') : String(error))
  }
}

async function add(shelf: DatasetShelf, words: Words, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { name, background } = words
  if (background !== undefined && !/^#[0-9a-f]{6}$/i.test(background)) throw bad('--background must be like #ffffff.')
  const { id } = await shelf.create({
    folder: resolve(terminal.folder, words.names[1]),
    mayFlip: words['may-flip'],
    ...(name !== undefined && { name }),
    ...(background !== undefined && { background }),
  })
  await finished(shelf, id, words, terminal, signal)
}

async function look(shelf: DatasetShelf, words: Words, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { id } = named(shelf, words, terminal)
  await shelf.lookAgain(id)
  await finished(shelf, id, words, terminal, signal)
}

/** Waits for the end of a look, and tells what cannot be read. */
async function finished(
  shelf: DatasetShelf,
  id: string,
  { json }: Words,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const stop = () => void shelf.cancel(id)
  signal.addEventListener('abort', stop, { once: true })
  const dataset = await shelf.settled(id)
  signal.throwIfAborted()
  if (dataset.problem) throw new Problem(dataset.problem.code, dataset.problem.message, { hint: dataset.problem.hint })
  tellRefused(shelf, dataset, terminal)
  terminal.stdout.write(json ? `${JSON.stringify(dataset)}\n` : lineOf(dataset))
}

function tellRefused(shelf: DatasetShelf, { id, refused }: Dataset, { stderr }: Terminal): void {
  for (let offset = 0; offset < refused; offset += 500) {
    for (const { path, problem } of shelf.pictures({ id, show: 'refused', offset, limit: 500 }).pictures) {
      stderr.write(`${path} is left out: ${problem?.message}\n`)
    }
  }
}

function list(shelf: DatasetShelf, { json }: Words, { stdout }: Terminal): void {
  for (const dataset of shelf.list()) stdout.write(json ? `${JSON.stringify(dataset)}\n` : lineOf(dataset))
}

function show(shelf: DatasetShelf, words: Words, terminal: Terminal): void {
  const { id } = named(shelf, words, terminal)
  const resolution = wholeNumber('resolution', words.resolution ?? '512')
  const step = words.step === undefined ? undefined : wholeNumber('step', words.step)
  const details = shelf.details({ id, resolution, step })
  const { dataset, buckets, tags, duplicates } = details
  if (words.json) return void terminal.stdout.write(`${JSON.stringify(details)}\n`)
  tellRefused(shelf, dataset, terminal)
  const pathOf = new Map(allPictures(shelf, id).map(({ number, path }) => [number, path]))
  const lines = [
    ...buckets.map(({ width, height, pictures }) => `${`${width} x ${height}`.padEnd(12)} ${pictures} pictures`),
    ...duplicates.map(group => `the same: ${group.map(number => pathOf.get(number)).join(', ')}`),
    ...tags.slice(0, 40).map(({ tag, pictures }) => `${String(pictures).padStart(6)}  ${tag}`),
  ]
  terminal.stdout.write(`${lineOf(dataset)}${lines.map(each => `  ${each}\n`).join('')}`)
}

function caption(shelf: DatasetShelf, words: Words, terminal: Terminal): void {
  const [, , , text] = words.names
  shelf.change({ ...namedPicture(shelf, words, terminal), caption: text })
}

function crop(shelf: DatasetShelf, words: Words, terminal: Terminal): void {
  const [, , , part] = words.names
  const sides = part.split(',').map(Number)
  const [left, top, right, bottom] = sides
  if (part !== 'all' && (sides.length !== 4 || !sides.every(Number.isFinite))) {
    throw bad(`A part is LEFT,TOP,RIGHT,BOTTOM or "all", not ${JSON.stringify(part)}.`)
  }
  shelf.change({
    ...namedPicture(shelf, words, terminal),
    crop: part === 'all' ? null : { left, top, right, bottom },
  })
}

/** The picture that the second argument names, as the API takes it. */
function namedPicture(shelf: DatasetShelf, words: Words, terminal: Terminal) {
  const { id } = named(shelf, words, terminal)
  const [, , path] = words.names
  const picture = allPictures(shelf, id).find(each => each.path === path)
  if (picture) return { id, pictures: [picture.number] }
  throw bad(`There is no picture ${JSON.stringify(path)} in this data set.`)
}

function tag(shelf: DatasetShelf, words: Words, terminal: Terminal): void {
  const { id } = named(shelf, words, terminal)
  const { first: addFirst, last: addLast, remove: taken, replace } = words
  const pairs = replace?.map(each => {
    const [from, ...to] = each.split('=')
    if (from.trim() === '' || to.length === 0) throw bad(`--replace takes OLD=NEW, not ${JSON.stringify(each)}.`)
    return { from, to: to.join('=') }
  })
  const { length } = shelf.editTags({ id, pictures: 'all', addFirst, addLast, remove: taken, replace: pairs })
  terminal.stdout.write(`${length} captions changed\n`)
}

function remove(shelf: DatasetShelf, words: Words, terminal: Terminal): void {
  const { id, name, folder } = named(shelf, words, terminal)
  shelf.remove([id])
  terminal.stdout.write(`Forgot ${name}; ${folder} stays where it is.\n`)
}

/** The data set that the first argument names. @throws Problem DATASET_UNKNOWN */
function named(shelf: DatasetShelf, { names: [, name] }: Words, { folder }: Terminal): Dataset {
  const path = resolve(folder, name)
  return shelf.list().find(each => each.folder === path) ?? shelf.find(name)
}

function allPictures(shelf: DatasetShelf, id: string) {
  const { total } = shelf.pictures({ id, limit: 1 })
  const pages = Array.from({ length: Math.ceil(total / 500) }, (_, page) => page * 500)
  return pages.flatMap(offset => shelf.pictures({ id, offset, limit: 500 }).pictures)
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 4096) return value
  throw bad(`--${flag} must be a whole number from 1 to 4096, not ${JSON.stringify(text)}.`)
}

function lineOf({ id, name, folder, pictures, captioned, classImages, refused, leftOut, isComplete }: Dataset): string {
  const counts = [
    `${pictures} pictures`,
    `${captioned} with words`,
    ...(classImages > 0 ? [`${classImages} of the class`] : []),
    ...(refused > 0 ? [`${refused} cannot be read`] : []),
    ...(leftOut > 0 ? [`${leftOut} left out`] : []),
    ...(isComplete ? [] : ['not looked through to the end']),
  ]
  return `${name}  ${counts.join(', ')}  ${folder}  (${id})\n`
}
