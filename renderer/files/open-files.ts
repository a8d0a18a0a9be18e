import { create } from 'zustand'
import { type Change, mostLayers, newLayer } from '../../app/api/documents.ts'
import { mostPixelsTogether } from '../../app/api/picture-limits.ts'
import { useCanvas } from '../canvas/actions/canvas-state.ts'
import { changeLater, keptDocument, type Made, newDocument } from '../canvas/actions/edits.ts'
import { documentNow, nextSize } from '../canvas/actions/stage.ts'
import { identity } from '../canvas/raster/affine.ts'
import { t } from '../language/language.ts'
import { blobUrl, type OpenedFile } from '../state/api.ts'
import { engine } from '../state/engine.ts'
import { undo } from '../state/history.ts'
import { failureOf, sentenceOf } from '../state/problem.ts'
import { say, sayFailure, warn } from '../state/toasts.ts'
import { go } from '../state/ui.ts'
import { countWords } from '../state/words.ts'
import { type CutPicture, cutTiles } from './cut-tiles.ts'
import { type Question, questionOf } from './kinds.ts'
import { frameOfPicture, layersOfFile, placeInFrame, plainName } from './placing.ts'
import { takeApart } from './send.ts'

interface OpeningState {
  /** What is being opened now. */
  readonly now?: { readonly name: string; readonly done: number; readonly total: number }
  /** Many files wait for a word. */
  readonly asked?: Question
}

export const useOpening = create<OpeningState>()(() => ({}))

/** A file that was read: its layers and their pixels. */
interface ReadFile {
  readonly name: string
  readonly file: OpenedFile
  readonly cut: readonly (CutPicture | undefined)[]
}

let isStopped = false

export const stopOpening = (): void => {
  isStopped = true
}

/** Opens files as layers of the document. Many of them are asked about first. */
export function openAsLayers(files: readonly File[], folders: readonly string[] = [], isCut = false) {
  const [only] = files
  if (folders.length === 0 && files.length === 1 && only !== undefined) return void open([only], false)
  const asked = questionOf(files, folders, isCut)
  if (asked.pictures.length > 0) return useOpening.setState({ asked })
  const [folder] = folders
  warn(
    folder === undefined
      ? t('None of these files is a picture.')
      : t('There are no pictures in “{folder}”.', { folder }),
  )
}

/** Opens a file as a document of its own; the present one stays in the library. */
export const openAsDocument = (file: File): Promise<void> => open([file], true)

export const dropQuestion = (): void => useOpening.setState({ asked: undefined })

export function openAsked(): void {
  const { asked } = useOpening.getState()
  dropQuestion()
  if (asked !== undefined) void open(asked.pictures, false)
}

async function open(files: readonly File[], isNew: boolean): Promise<void> {
  if (useOpening.getState().now !== undefined)
    return say(t('Other files are being opened. Wait for them, or stop them.'))
  isStopped = false
  try {
    const read = await readAll(files)
    if (read.length === 0) return
    if (isNew) await newDocument()
    await add(read)
    go('studio')
  } catch (error) {
    sayFailure(error)
  } finally {
    useOpening.setState({ now: undefined })
  }
}

/** Reads one file after the other; those that cannot be read are told, and the others go on. */
async function readAll(files: readonly File[]): Promise<readonly ReadFile[]> {
  const read: ReadFile[] = []
  const refused: string[] = []
  let pixels = 0
  for (const [done, file] of files.entries()) {
    const name = file.name === '' || file.name === 'image.png' ? t('Pasted picture') : file.name
    useOpening.setState({ now: { name, done, total: files.length } })
    try {
      const one = await readOne(file, name)
      if (isStopped) break
      pixels += one.file.layers.reduce((sum, { width, height }) => sum + width * height, 0)
      if (pixels > mostPixelsTogether) {
        warn(t('The first {pictures} fit into memory; the others are left out.', { pictures: countWords(read.length) }))
        break
      }
      read.push(one)
    } catch (error) {
      refused.push(t('“{name}” was not opened. {reason}', { name, reason: sentenceOf(failureOf(error)) }))
    }
  }
  if (isStopped) say(t('Nothing was opened.'))
  else tellRefused(refused)
  return isStopped ? [] : read
}

function tellRefused(refused: readonly string[]) {
  const [first] = refused
  if (first === undefined) return
  const others = refused.length - 1
  warn(others === 0 ? first : t('{first} Neither were {count} others.', { first, count: others }))
}

/** Takes a file apart into layers, with their pixels. @throws Problem PICTURE_* */
export async function readOne(file: File, name: string): Promise<ReadFile> {
  const opened = await takeApart(await engine(), file)
  const cut: (CutPicture | undefined)[] = []
  for (const { picture } of opened.layers) {
    if (isStopped) break
    cut.push(picture === undefined ? undefined : await pixelsOf(picture))
  }
  return { name: plainName(name), file: opened, cut }
}

async function pixelsOf(hash: string): Promise<CutPicture> {
  const answer = await fetch(blobUrl(hash))
  if (!answer.ok) throw new Error('Its pixels could not be read from the library.')
  const picture = await createImageBitmap(await answer.blob(), { colorSpaceConversion: 'none' })
  try {
    return await cutTiles(picture)
  } finally {
    picture.close()
  }
}

/** Adds all that was read as one edit. */
async function add(read: readonly ReadFile[]): Promise<void> {
  const { edit, tiles, top } = made(read)
  if (keptDocument().layers.length + edit.changes.length > mostLayers) {
    throw new Error(`A document has at most ${mostLayers} layers. Merge some, or open fewer files.`)
  }
  await changeLater(async () => ({ edit, tiles }))
  useCanvas.setState({ active: top })
  const [first] = read
  say(
    t(read.length === 1 ? '“{name}” is open: {layers}.' : '{pictures} are open: {layers}.', {
      name: first?.name ?? '',
      pictures: countWords(read.length),
      layers: t('{count} layers', { count: edit.changes.filter(isLayer).length }),
    }),
    {
      label: 'Undo',
      run: undo,
    },
  )
}

const isLayer = (change: Change): boolean => change.type === 'add-layer' && change.layer.kind !== 'group'

/** What puts files into the open document: the first one gives an empty document its size. A file of several layers is a group where others are there. */
function made(read: readonly ReadFile[]): Made & { readonly top: string | undefined } {
  const document = keptDocument()
  const [first] = read
  const begins = document.layers.length === 0 ? first : undefined
  const changes: Change[] = []
  const tiles = new Map<string, Uint8Array<ArrayBuffer>>()
  let frame = documentNow().frame
  if (begins !== undefined) {
    const { width, height } = begins.file
    frame = frameOfPicture(begins.file, nextSize())
    changes.push({ type: 'set-document', fields: { width, height, frame, name: begins.name } })
    // What follows the first one is placed in it, not in a part of it.
    frame = { x: 0, y: 0, width, height }
  }
  let index = document.layers.length
  let top: string | undefined
  for (const each of read) {
    const place = each === begins ? identity : placeInFrame(each.file, frame)
    const isGroup = each !== begins && each.file.layers.length > 1
    const group = isGroup ? [newLayer({ kind: 'group', name: each.name })] : []
    const layers = [...group, ...layersOfFile(each.file, each.cut, each.name, place, group[0]?.id ?? null)]
    for (const layer of layers) changes.push({ type: 'add-layer', layer, index: index++ })
    for (const cut of each.cut) for (const [hash, bytes] of cut?.bytes ?? []) tiles.set(hash, bytes)
    top = layers.at(-1)?.id ?? top
  }
  const name = read.length === 1 ? first?.name : countWords(read.length)
  return { edit: { label: `Open ${name}`.slice(0, 200), changes }, tiles, top }
}
