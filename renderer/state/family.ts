import { create } from 'zustand'
import type { Image, LineageNode } from './api.ts'
import { engine } from './engine.ts'
import { type Failure, failureOf } from './problem.ts'

interface FamilyState {
  /** Of this picture. */
  readonly of?: string
  readonly nodes: readonly LineageNode[]
  readonly failure?: Failure
}

/** The family of the picture that the gallery shows. */
export const useFamily = create<FamilyState>()(() => ({ nodes: [] }))

/** Reads the family of a picture; what was shown of another member stays until then, so that nothing jumps. */
export async function readFamily({ id, hash }: Image): Promise<void> {
  const isMember = useFamily.getState().nodes.some(node => node.hash === hash)
  useFamily.setState(isMember ? { of: id, failure: undefined } : { of: id, nodes: [], failure: undefined })
  try {
    const nodes = await (await engine()).images.lineage({ id })
    if (useFamily.getState().of === id) useFamily.setState({ nodes })
  } catch (error) {
    if (useFamily.getState().of === id) useFamily.setState({ nodes: [], failure: failureOf(error) })
  }
}
