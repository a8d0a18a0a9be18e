import { z } from 'zod'
import { pullOf } from '../diffusion/guided-network.ts'
import { latentSchedule } from '../diffusion/latent-schedule.ts'
import { latentTiles } from '../diffusion/tiled.ts'
import type { ModelDescription } from '../models/description.ts'
import type { DrawingLoads, Load } from '../runtime/network.ts'
import { createSchedule } from '../schedulers/index.ts'
import type { SchedulerConfig } from '../schedulers/scheduler.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { DrawingKind } from '../weights/model-kinds.ts'
import type { StoredParameters } from './check-parameters.ts'
import type { OpenModels } from './operation.ts'

/** What a job will compute, told before anything is opened. */
export interface Plan {
  /** Calls of the network that draws, over all pictures. */
  readonly calls: number
  /** One such call. */
  readonly drawing: Load
  /** What else runs, each network once for each group of pictures. */
  readonly others: readonly Load[]
  /** Multiplications of what else runs, over all pictures. */
  readonly otherWork: number
}

/** The parameters that a plan depends on; operations have some of them. */
const planned = z.object({
  sampler: z.string(),
  steps: z.number(),
  guidance: z.number().default(1),
  trueGuidance: z.number().default(1),
  width: z.number().default(0),
  height: z.number().default(0),
  count: z.number().default(1),
  /** Of the steps, how many are done. */
  strength: z.number().default(1),
  /** Of what is seen at once, where large pictures are drawn in parts; 0: the model's own width. */
  tileSide: z.number().optional(),
  /** What is begun from; without one, what is drawn in parts is drawn small first. */
  image: z.string().optional(),
  /** Each takes a prediction more in each step. */
  perturbedGuidance: z.number().default(0),
  selfGuidance: z.number().default(0),
  /** Where a picture is held to as well, each step asks a third time. */
  pictureGuidance: z.number().optional(),
  /** Of edits: a source is drawn beside what follows it. */
  keepPlacement: z.number().optional(),
  takenOver: z.string().optional(),
  /** Of pictures whose noise is found first: a call without guidance for each step. */
  inversion: z.string().optional(),
  innerSteps: z.number().default(0),
  /** Where words are tied to regions, those take no time of their own. */
  tie: z.number().optional(),
  /** Each takes a call of its own. */
  regions: z.array(z.unknown()).default([]),
})
type Planned = z.output<typeof planned>

/** What a job with these (complete) parameters will compute, with models of the kind that its operation needs; undefined for an operation that does
 *  not draw by steps. @throws Problem whatever keeps the model from being opened */
export function planOf(models: OpenModels, kind: DrawingKind, parameters: StoredParameters): Plan | undefined {
  const { data } = planned.safeParse(parameters)
  return data && plans[kind]?.(models, data)
}

const plans: Readonly<Partial<Record<DrawingKind, (models: OpenModels, parameters: Planned) => Plan>>> = {
  checkpoint({ checkpoint }, chosen) {
    const together = chosen.keepPlacement === undefined && chosen.takenOver === undefined ? 1 : 2
    const groups = together > 1 ? chosen.count : Math.ceil(chosen.count / checkpoint.picturesAtOnce(chosen))
    const latents = checkpoint.latentShape(Math.ceil(chosen.count / groups) * together, chosen)
    const { timesteps } = latentSchedule(checkpoint, latents, chosen)
    const pull = pullOf(checkpoint, { scale: chosen.guidance, trueScale: chosen.trueGuidance })
    const told = chosen.tie === undefined ? 1 + chosen.regions.length : 1
    const more = Number(chosen.perturbedGuidance > 0) + Number(chosen.selfGuidance > 0)
    const asked = chosen.pictureGuidance === undefined ? 1 + more / (pull > 1 ? 2 : 1) : 3 / 2
    const drawn = Math.ceil(Math.max(Math.round(timesteps.length * chosen.strength), 1) * told * asked)
    const calls = drawn + Math.ceil(callsOfInversion(chosen) / (2 * together))
    const { shape, parts } = partsOf(latents, chosen, checkpoint.description)
    // About as large as one part.
    const first = chosen.tileSide !== undefined && chosen.image === undefined ? timesteps.length : 0
    return plan(groups, calls * parts + first, checkpoint.loads(shape, pull > 1))
  },
  unconditional: ({ unconditional: model }, chosen) =>
    plan(chosen.count, callsOf(model.schedulerConfig, chosen), model.loads()),
  classes: ({ classes: model }, chosen) =>
    plan(chosen.count, callsOf(model.schedulerConfig, chosen), model.loads(chosen.guidance > 1)),
}

/** What the network sees at once of latents, and how many such parts there are. */
function partsOf(latents: Shape, { tileSide }: Planned, { defaults, stride }: ModelDescription) {
  if (tileSide === undefined) return { shape: latents, parts: 1 }
  const [pictures, channels, height, width] = latents
  const tiles = latentTiles({ height, width }, (tileSide || defaults.width) / stride)
  return { shape: [pictures, channels, tiles[0].height, tiles[0].width], parts: tiles.length }
}

/** Calls for one picture without guidance; the way back through the network counts as two. */
const callsOfInversion = ({ inversion, steps, innerSteps }: Planned): number => {
  if (inversion === undefined) return 0
  return inversion === 'null-text' ? steps * (3 + 3 * innerSteps) : steps
}

const callsOf = (config: SchedulerConfig, { sampler, steps }: Planned): number =>
  createSchedule(sampler, config, steps).timesteps.length

function plan(groups: number, calls: number, { drawing, others }: DrawingLoads): Plan {
  const otherWork = groups * others.reduce((sum, { work }) => sum + work, 0)
  return { calls: calls * groups, drawing, others, otherWork }
}
