import { Problem } from '../problem.ts'
import { deisMultistep } from '../schedulers/deis-multistep.ts'
import { dpmSolverMultistep } from '../schedulers/dpm-solver-multistep.ts'
import { dpmSolverSinglestep } from '../schedulers/dpm-solver-singlestep.ts'
import { edmDpmSolverMultistep } from '../schedulers/edm-dpm-solver-multistep.ts'
import { edmEuler } from '../schedulers/edm-euler.ts'
import { karrasVe } from '../schedulers/karras-ve.ts'
import type { SchedulerConfig } from '../schedulers/scheduler.ts'
import { scoreSdeVe } from '../schedulers/score-sde-ve.ts'
import { uniPcMultistep } from '../schedulers/uni-pc-multistep.ts'

/** Samplers whose networks answer with a score instead of the noise. */
const ofScores: readonly string[] = [karrasVe.className, scoreSdeVe.className]
/** Samplers of Karras et al. 2022 (arXiv:2206.00364), whose networks are told logarithms of noise levels. */
const ofLevels: readonly string[] = [edmEuler.className, edmDpmSolverMultistep.className]
/** Samplers that can walk where noise was mixed in linearly (`use_flow_sigmas`). */
const ofMixtures: readonly string[] = [
  ...[dpmSolverMultistep.className, uniPcMultistep.className],
  ...[deisMultistep.className, dpmSolverSinglestep.className],
]

/** A network of pixels answers what its own sampler asks; asked by one of another kind, it draws nothing that can be recognized.
 *  @param own class and config of the model's scheduler  @throws Problem SAMPLER_MODEL */
export function refuseOtherSamplers(
  name: string,
  own: { readonly className: string; readonly config: SchedulerConfig },
  chosen: string,
): void {
  const isOf = (group: readonly string[]) => group.includes(own.className)
  const special = [ofScores, ofLevels].find(isOf)
  const mixtures = own.config.use_flow_sigmas === true ? ofMixtures : undefined
  const fitting = special ?? mixtures
  if (fitting?.includes(chosen) ?? ![...ofScores, ...ofLevels].includes(chosen)) return
  const kind = special === ofScores ? 'scores' : 'noise'
  const what =
    special === ofScores || fitting === undefined ? `predicts ${kind}` : 'was trained with noise of its own kind'
  throw new Problem('SAMPLER_MODEL', `${name} ${what}, which ${chosen} does not ask for.`, {
    hint: fitting ? `Choose ${fitting.join(' or ')}.` : `Choose its own sampler, ${own.className}.`,
    details: { field: 'sampler' },
  })
}
