import type { NetworkPreparation } from '../../app/api/pose.ts'
import type { ModelInfo } from './api.ts'
import { useEngine } from './engine.ts'

const KINDS = { pose: 'pose-network', depth: 'depth-network' } as const

/** The networks of this computer that find poses, or how near things are, in the order in which they are taken; what comes with the app is none of them. */
export const findersFor = (what: NetworkPreparation, others = useEngine.getState().others): readonly ModelInfo[] =>
  others.filter(({ kind, problem }) => kind === KINDS[what] && problem === undefined)
