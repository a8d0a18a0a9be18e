import { writeSync } from 'node:fs'
import { type Edit, newLayer } from '../../app/library/documents/document.ts'
import { edit, put, request, tilePng } from '../../app/library/documents/testing.ts'
import { openLibrary } from '../../app/library/library.ts'

/** Quick to make, so that most of the time goes into storing. */
const small = { width: 64, height: 64, isRough: true }

/** A painter's session in a library: `document-session HOME SEED DOCUMENT`. Each step is announced before and acknowledged after, a line of JSON each, so
 *  that whoever kills this process knows what must be there. Without DOCUMENT it makes one. */
export type Line =
  | { readonly about: 'document'; readonly id: string }
  | { readonly about: 'begin'; readonly step: 'edit' | 'undo' | 'redo'; readonly edit?: Edit }
  | { readonly about: 'done'; readonly step: 'edit' | 'undo' | 'redo'; readonly revision: number }

const say = (line: Line) => writeSync(1, `${JSON.stringify(line)}\n`)

async function session(home: string, seed: number, known?: string): Promise<void> {
  const { documents, recovery } = openLibrary({ home, keepsQueue: true })
  await recovery
  let state = seed
  // Numerical Recipes' generator: the same session for the same seed.
  const random = (below: number) => {
    state = (state * 1664525 + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const layers = [newLayer({ kind: 'paint', name: 'Ink', id: 'ink' })]
  const id = known ?? documents.create({ width: 4096, height: 4096, layers }).id
  say({ about: 'document', id })
  let serial = 0

  const brush = async (): Promise<Edit> => {
    const tiles = Array.from({ length: 1 + random(6) }, () => tilePng(seed * 1_000_000 + ++serial, small))
    return edit(`Brush ${serial}`, put('ink', await documents.tiles.store(tiles), random(20)))
  }
  const layer = async (): Promise<Edit> => {
    const { length } = documents.open(id).document.layers
    const added = newLayer({ kind: 'group', name: `${serial++}` })
    return edit('New group', { type: 'add-layer', layer: added, index: random(length + 1) })
  }
  const hide = async (): Promise<Edit> =>
    edit('Fade', { type: 'set-layer', id: 'ink', fields: { opacity: random(100) / 100 } })
  const makers = [brush, brush, brush, brush, layer, hide]

  for (;;) {
    const { revision, undo, redo } = documents.open(id)
    const asked = { id, revision, request: request() }
    const step = random(10)
    if (step === 0 && undo !== undefined) {
      say({ about: 'begin', step: 'undo' })
      say({ about: 'done', step: 'undo', revision: documents.undo(asked).revision })
    } else if (step === 1 && redo !== undefined) {
      say({ about: 'begin', step: 'redo' })
      say({ about: 'done', step: 'redo', revision: documents.redo(asked).revision })
    } else {
      const made = await makers[random(makers.length)]()
      say({ about: 'begin', step: 'edit', edit: made })
      say({ about: 'done', step: 'edit', revision: documents.apply(asked, made).revision })
    }
    if (step === 2) await documents.tiles.collect(Date.now() + 3600_000 - 1000)
  }
}

const [, script, home, seed, document] = process.argv
if (script === import.meta.filename) await session(home, Number(seed), document)
