import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Problem } from '../../problem.ts'
import {
  applyEdit,
  type Change,
  type Edit,
  editBetween,
  inverseOf,
  type Layer,
  type LayerKind,
  newLayer,
  type StudioDocument,
  tilesOf,
  tilesOfEdit,
} from './document.ts'
import * as schemas from './records.ts'

const kinds: readonly LayerKind[] = ['image', 'paint', 'mask', 'control', 'region', 'text', 'shape', 'group']
const empty: StudioDocument = {
  ...{ id: 'd', name: 'Harbour', width: 1024, height: 768, layers: [] },
  frame: { x: 0, y: 0, width: 512, height: 512 },
}

const hash = fc.integer({ min: 0, max: 30 }).map(n => n.toString(16).padStart(64, '0'))
const place = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })).map(at => at.join(','))
const nth = fc.nat(1000)
const name = fc.string({ maxLength: 20 })

/** A change that fits, chosen by numbers, of whatever document it meets. */
type Chooser = (document: StudioDocument, fresh: () => string) => Change | undefined
const pick = <Item>(items: readonly Item[], n: number): Item | undefined => items[n % Math.max(1, items.length)]
const groups = ({ layers }: StudioDocument) => [null, ...layers.filter(each => each.kind === 'group').map(l => l.id)]

const choosers: fc.Arbitrary<Chooser> = fc.oneof(
  fc.record({ name, width: fc.integer({ min: 1, max: 4096 }) }).map(
    (fields): Chooser =>
      () => ({ type: 'set-document', fields }),
  ),
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      name,
      at: nth,
      parent: nth,
      tiles: fc.dictionary(place, hash, { maxKeys: 5 }),
    })
    .map(
      ({ kind, name, at, parent, tiles }): Chooser =>
        (document, fresh) => {
          const layer = newLayer({ kind, name, id: fresh(), parent: pick(groups(document), parent) ?? null })
          const has = kind !== 'text' && kind !== 'shape' && kind !== 'group'
          return {
            type: 'add-layer',
            layer: { ...layer, tiles: has ? tiles : {} },
            index: at % (document.layers.length + 1),
          }
        },
    ),
  nth.map(
    (n): Chooser =>
      ({ layers }) => {
        const layer = pick(layers, n)
        return layer && { type: 'remove-layer', id: layer.id }
      },
  ),
  fc.tuple(nth, nth, nth).map(
    ([n, at, parent]): Chooser =>
      document => {
        const layer = pick(document.layers, n)
        return (
          layer && {
            ...{ type: 'move-layer', id: layer.id, index: at % document.layers.length },
            parent: pick(groups(document), parent) ?? null,
          }
        )
      },
  ),
  fc.record({ n: nth, opacity: fc.double({ min: 0, max: 1, noNaN: true }), isLocked: fc.boolean(), name }).map(
    ({ n, ...fields }): Chooser =>
      ({ layers }) => {
        const layer = pick(layers, n)
        return layer && { type: 'set-layer', id: layer.id, fields }
      },
  ),
  fc.tuple(nth, fc.dictionary(place, fc.option(hash), { minKeys: 1, maxKeys: 8 })).map(
    ([n, tiles]): Chooser =>
      ({ layers }) => {
        const layer = pick(
          layers.filter(({ kind }) => kind === 'paint' || kind === 'mask'),
          n,
        )
        return layer && { type: 'set-tiles', id: layer.id, tiles }
      },
  ),
)

/** Edits that fit one after the other, and the document before each. */
const histories = fc.array(fc.array(choosers, { minLength: 1, maxLength: 6 }), { maxLength: 12 }).map(plan => {
  let serial = 0
  const steps: { before: StudioDocument; edit: Edit; after: StudioDocument }[] = []
  let before = empty
  for (const choices of plan) {
    let after = before
    const changes: Change[] = []
    for (const choose of choices) {
      const change = choose(after, () => `layer ${serial++}`)
      if (change === undefined) continue
      try {
        after = applyEdit(after, { label: '', changes: [change] })
        changes.push(change)
      } catch (error) {
        // A group that would lie in itself.
        if (!(error instanceof Problem)) throw error
      }
    }
    steps.push({ before, edit: { label: 'Edit', changes }, after })
    before = after
  }
  return steps
})

test('an edit and its inverse give the same document, and the inverse of the inverse the edit’s', () => {
  fc.assert(
    fc.property(histories, steps => {
      for (const { before, edit, after } of steps) {
        const inverse = inverseOf(before, edit)
        expect(applyEdit(before, edit)).toEqual(after)
        expect(applyEdit(after, inverse)).toEqual(before)
        expect(applyEdit(before, inverseOf(after, inverse))).toEqual(after)
      }
    }),
    { numRuns: 300 },
  )
})

test('a whole history walks back to its beginning and forth to its end, also through JSON and the schemas', () => {
  const cross = (edit: Edit): Edit => schemas.Edit.parse(JSON.parse(JSON.stringify(edit)))
  fc.assert(
    fc.property(histories, steps => {
      const journal = steps.map(({ before, edit }) => ({ edit: cross(edit), inverse: cross(inverseOf(before, edit)) }))
      const last = steps.at(-1)?.after ?? empty
      const first = journal.reduceRight((document, { inverse }) => applyEdit(document, inverse), last)
      expect(first).toEqual(empty)
      expect(journal.reduce((document, { edit }) => applyEdit(document, edit), first)).toEqual(last)
      expect(schemas.StudioDocument.parse(JSON.parse(JSON.stringify(last)))).toEqual(last)
    }),
    { numRuns: 200 },
  )
})

test('the edit between two documents leads from one to the other and back', () => {
  fc.assert(
    fc.property(histories, histories, (one, other) => {
      const [from, to] = [one.at(-1)?.after ?? empty, other.at(-1)?.after ?? empty]
      const edit = editBetween(from, to, 'Back to a version')
      expect(applyEdit(from, edit)).toEqual(to)
      expect(applyEdit(to, inverseOf(from, edit))).toEqual(from)
      expect(tilesOfEdit(edit)).toEqual(tilesOf(to))
    }),
    { numRuns: 100 },
  )
})

const paint = newLayer({ kind: 'paint', name: 'Ink', id: 'ink' })
const group = newLayer({ kind: 'group', name: 'Group', id: 'group' })
const inner = newLayer({ kind: 'group', name: 'Inner', id: 'inner', parent: 'group' })
const child = newLayer({ kind: 'paint', name: 'Child', id: 'child', parent: 'inner' })
const document: StudioDocument = { ...empty, layers: [child, paint, inner, group] }
const edit = (...changes: Change[]): Edit => ({ label: 'Edit', changes })

test('a group goes with all that lies in it, and comes back to where each layer was', () => {
  const removal = edit({ type: 'remove-layer', id: 'group' })
  expect(applyEdit(document, removal).layers).toEqual([paint])
  const inverse = inverseOf(document, removal)
  expect(inverse.changes.map(change => change.type === 'add-layer' && [change.layer.id, change.index])).toEqual([
    ['group', 1],
    ['inner', 1],
    ['child', 0],
  ])
  expect(applyEdit(applyEdit(document, removal), inverse)).toEqual(document)
})

test('what an edit does not touch stays the same object', () => {
  const after = applyEdit(document, edit({ type: 'set-tiles', id: 'ink', tiles: { '0,0': 'a'.repeat(64) } }))
  const layers = Object.fromEntries(after.layers.map(layer => [layer.id, layer]))
  expect(layers.child).toBe(child)
  expect(after.frame).toBe(document.frame)
  const hidden = applyEdit(after, edit({ type: 'set-layer', id: 'ink', fields: { isVisible: false } }))
  expect(hidden.layers.find(({ id }) => id === 'ink')?.tiles).toBe(layers.ink?.tiles)
})

test('edits that do not fit are refused in words', () => {
  const refused: Record<string, Change> = {
    'an unknown layer': { type: 'remove-layer', id: 'x' },
    'a group in itself': { type: 'move-layer', id: 'group', index: 0, parent: 'group' },
    'a group in its own child': { type: 'move-layer', id: 'group', index: 0, parent: 'inner' },
    'a layer in a layer that is no group': { type: 'move-layer', id: 'ink', index: 0, parent: 'child' },
    'a layer in nothing': { type: 'add-layer', layer: { ...paint, id: 'new', parent: 'x' }, index: 0 },
    'a layer twice': { type: 'add-layer', layer: paint, index: 0 },
    'a place beyond the topmost': { type: 'add-layer', layer: { ...paint, id: 'new' }, index: 5 },
    'pixels of a group': { type: 'set-tiles', id: 'group', tiles: { '0,0': 'a'.repeat(64) } },
    'a group with pixels': { type: 'add-layer', layer: { ...group, id: 'g', tiles: { '0,0': 'a' } }, index: 0 },
  }
  for (const [what, change] of Object.entries(refused)) {
    expect(() => applyEdit(document, edit(change)), what).toThrow(/^The change does not fit the document: /)
  }
})

test('the schemas take what fits and refuse what does not', () => {
  const fits = (layer: Partial<Record<keyof Layer, unknown>>) => schemas.Layer.safeParse({ ...paint, ...layer }).success
  expect(fits({})).toBe(true)
  for (const kind of kinds) expect(schemas.Layer.safeParse(newLayer({ kind, name: kind })).success).toBe(true)
  expect(fits({ tiles: { '-12,7': 'a'.repeat(64) } })).toBe(true)
  const refused: Partial<Record<keyof Layer, unknown>>[] = [
    { kind: 'video' },
    { opacity: 1.5 },
    { transform: [1, 0, 0, 1, Number.NaN, 0] },
    { tiles: { '1;2': 'a'.repeat(64) } },
    { tiles: { '-0,2': 'a'.repeat(64) } },
    { tiles: { '01,2': 'a'.repeat(64) } },
    { tiles: { '0,0': '../../etc/passwd' } },
    { settings: { prompt: 'a fox', weight: 1 } },
    { settings: { anything: 1 } },
    { blend: 'dissolve' },
  ]
  for (const change of refused) expect(fits(change), JSON.stringify(change)).toBe(false)
})
