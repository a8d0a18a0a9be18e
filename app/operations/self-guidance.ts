import type { SelfGuidance } from '../diffusion/self-guidance.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Schedule } from '../schedulers/scheduler.ts'
import type { Beginning, WordChoices } from './draw-from-words.ts'
import { predictionOf } from './guides.ts'

/** What a person chose of guidance of the model by itself.
 *  @throws Problem SELF_GUIDANCE beside what asks something else of attention; GUIDE_SAMPLER */
export function chosenSelfGuidance(
  checkpoint: Checkpoint,
  chosen: Pick<WordChoices, 'perturbedGuidance' | 'perturbedLayers' | 'selfGuidance' | 'sampler'>,
  schedule: Pick<Schedule, 'noiseLevel'>,
  { attention, besideScale }: Pick<Beginning, 'attention' | 'besideScale'>,
): SelfGuidance {
  const { perturbedGuidance, perturbedLayers, selfGuidance, sampler } = chosen
  if (perturbedGuidance === 0 && selfGuidance === 0) return {}
  const details = { field: perturbedGuidance > 0 ? 'perturbedGuidance' : 'selfGuidance' }
  if (checkpoint.kind !== 'unet') {
    throw new Problem('SELF_GUIDANCE', `${checkpoint.description.name} cannot be guided by its own attention.`, {
      hint: 'Choose a model of Stable Diffusion 1, 2 or XL, or set that guidance to 0.',
      details,
    })
  }
  if (attention !== undefined || besideScale !== undefined) {
    throw new Problem('SELF_GUIDANCE', 'This way of drawing changes attention itself: no guidance by it goes beside.', {
      hint: 'Set perturbed attention and self-attention guidance to 0.',
      details,
    })
  }
  const layers = perturbedLayers.split(',').flatMap(part => part.trim() || [])
  return {
    ...(perturbedGuidance > 0 && { perturbed: { scale: perturbedGuidance, layers } }),
    ...(selfGuidance > 0 && {
      degraded: {
        scale: selfGuidance,
        prediction: predictionOf(checkpoint.schedulerConfig, sampler),
        levelAt: timestep => schedule.noiseLevel(timestep),
      },
    }),
  }
}
