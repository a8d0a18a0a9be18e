import { targets } from '../../app/graph/targets.ts'
import { plainWords } from '../../app/models/prompt/schedule.ts'
import { noPictures } from '../../app/operations/operation.ts'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { joinConditioning } from '../../app/runtime/conditioning.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'

/** Seconds of a further picture and of a step, with everything opened: the operation and the UNet as the worker runs them. */
export async function measureWarm(options: {
  readonly model: string
  readonly steps: number
  readonly pictures: number
  readonly threads: number
}): Promise<{ picture: number; step: number }> {
  const runtime = new Runtime({ target: targets.cpu, threads: options.threads, memoryBudget: 2 ** 34 })
  const checkpoint = new Checkpoint(options.model, runtime)
  const draw = async (seed: bigint) => {
    const { width, height, sampler } = checkpoint.description.defaults
    const run = textToImage.run(
      { checkpoint, signal: new AbortController().signal, wantsPreviews: false, pictures: noPictures },
      {
        ...textToImage.parameters.parse({ prompt: 'a red apple, 3d style, on a blue background' }),
        ...{ seed, steps: options.steps, guidance: 5, sampler, width, height },
      },
    )
    for (let next = await run.next(); !next.done; next = await run.next());
  }
  await draw(7n)
  const picture = await fastest(options.pictures, k => draw(BigInt(k)))

  const shape = checkpoint.latentShape(1, checkpoint.description.defaults)
  const generator = new TorchGenerator(1n)
  const request = { prompt: { sections: plainWords('') }, size: checkpoint.description.defaults }
  const [{ positive }] = await checkpoint.condition([request], 'cut')
  const sample = generator.normal(shape.with(0, 2))
  const both = joinConditioning([positive, positive])
  const predict = await checkpoint.predictor(shape, positive.encoder_hidden_states.shape[1], true)
  const step = await fastest(20, () => predict(sample, 500, both))
  await runtime.release()
  return { picture, step }
}

async function fastest(times: number, run: (k: number) => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let k = 0; k < times; k++) {
    const start = performance.now()
    await run(k)
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  return best
}
