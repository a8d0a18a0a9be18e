import { expect, test } from 'vitest'
import type { LineageNode } from '../state/api.ts'
import { familyRows } from './family.ts'

const node = (hash: string, ...parents: string[]): LineageNode => ({ hash, parents, kind: 'picture' })
const told = (nodes: readonly LineageNode[], selected: string) =>
  familyRows(nodes, selected).map(({ node, isBranch }) => (isBranch ? `>${node.hash}` : node.hash))

test('a picture alone is a trunk of one', () => expect(told([node('a')], 'a')).toEqual(['a']))

test('the trunk leads from the oldest to the selected one and on; what else came of each stands behind it as a branch', () => {
  const family = [node('root'), node('twin', 'root'), node('own', 'root'), node('child', 'own'), node('other', 'own')]
  expect(told(family, 'own')).toEqual(['root', '>twin', 'own', '>other', 'child'])
  expect(told(family, 'twin')).toEqual(['root', '>own', '>child', '>other', 'twin'])
})

test('a second parent is a branch that leads to the same picture', () => {
  expect(told([node('a'), node('b'), node('c', 'a', 'b')], 'c')).toEqual(['a', 'c', '>b'])
})

test('a circle ends', () => expect(told([node('a', 'b'), node('b', 'a')], 'a')).toEqual(['a', 'b']))
