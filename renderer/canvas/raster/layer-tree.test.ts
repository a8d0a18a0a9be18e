import { expect, test } from 'vitest'
import type { Layer } from '../../../app/api/documents.ts'
import { identity } from './affine.ts'
import { type Branch, runs, treeOf, visible, wayTo } from './layer-tree.ts'

const layer = (id: string, fields: Partial<Layer> = {}): Layer => ({
  id,
  kind: 'paint',
  name: id,
  parent: null,
  isVisible: true,
  isLocked: false,
  opacity: 1,
  blend: 'normal',
  transform: identity,
  tiles: {},
  settings: {},
  ...fields,
})
const names = (branches: readonly Branch[]): unknown[] =>
  branches.map(({ layer: { id }, children }) => (children.length > 0 ? [id, names(children)] : id))

const layers = [
  layer('ground'),
  layer('group', { kind: 'group' }),
  layer('eyes', { parent: 'group' }),
  layer('inner', { kind: 'group', parent: 'group' }),
  layer('nose', { parent: 'inner', isVisible: false }),
  layer('mask', { kind: 'mask' }),
  layer('lost', { parent: 'gone' }),
]

test('the flat list becomes a tree; who has lost its group stands at the top', () => {
  expect(names(treeOf(layers))).toEqual(['ground', ['group', ['eyes', ['inner', ['nose']]]], 'mask', 'lost'])
})

test('masks and what is hidden are no part of the picture', () => {
  expect(names(visible(treeOf(layers)))).toEqual(['ground', ['group', ['eyes', 'inner']], 'lost'])
})

test('the way to a layer tells what lies below and above at each depth', () => {
  const way = wayTo(treeOf(layers), 'nose')
  expect(way.map(cut => [names(cut.below), cut.branch.layer.id, names(cut.above)])).toEqual([
    [['ground'], 'group', ['mask', 'lost']],
    [['eyes'], 'inner', []],
    [[], 'nose', []],
  ])
  expect(wayTo(treeOf(layers), 'nobody')).toEqual([])
})

test('only layers of normal blending join', () => {
  const branches = treeOf([
    layer('a'),
    layer('b'),
    layer('shade', { blend: 'multiply' }),
    layer('glow', { blend: 'screen' }),
    layer('c'),
    layer('d'),
  ])
  expect(runs(branches).map(names)).toEqual([['a', 'b'], ['shade'], ['glow'], ['c', 'd']])
})
