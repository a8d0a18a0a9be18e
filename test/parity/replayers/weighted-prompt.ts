import { join } from 'node:path'
import { z } from 'zod'
import { clipText } from '../../../app/models/clip-text.ts'
import { parsePrompt } from '../../../app/models/prompt/parse.ts'
import { schedulePrompts } from '../../../app/models/prompt/schedule.ts'
import { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import type { GuidanceConditioning } from '../../../app/runtime/conditioning.ts'
import { joinBatches } from '../../../app/tensor/batches.ts'
import { withModelFolder } from '../models.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  components: z.strictObject({ unet: z.string(), vae: z.string(), text_encoder: z.string(), tokenizer: z.string() }),
  prompt: z.string(),
  negative_prompt: z.string(),
  steps: z.int(),
  long: z.enum(['chunks', 'cut']),
  clip_skip: z.int(),
})

/** Prompts with weights, changes by step and chunks to the contexts of each step. */
export const replayWeightedPrompt: Replayer = ({ params, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { components, prompt, negative_prompt, steps, long, clip_skip } = parsed.data
  const folder = (part: keyof typeof components) => ({ folder: join(root, components[part]) })
  const parts = {
    unet: folder('unet'),
    vae: folder('vae'),
    text_encoder: { ...folder('text_encoder'), className: clipText.className },
    tokenizer: { ...folder('tokenizer'), className: 'CLIPTokenizer' },
    scheduler: { file: 'scheduler_config.json', content: {}, className: 'DDIMScheduler' },
  }
  return withModelFolder(parts, async (path, runtime) => {
    const { states, stateAt } = schedulePrompts([prompt, negative_prompt].map(parsePrompt), steps)
    const checkpoint = new Checkpoint(path, runtime)
    const requests = states.map(([positive, negative]) => ({
      ...{ prompt: { sections: positive }, negative: { sections: negative } },
      ...{ skip: clip_skip, size: checkpoint.description.defaults },
    }))
    const all = await checkpoint.condition(requests, long)
    const joined = (side: keyof GuidanceConditioning) =>
      joinBatches(stateAt.map(state => all[state][side].encoder_hidden_states))
    return { outputs: { prompt_embeds: joined('positive'), negative_prompt_embeds: joined('negative') } }
  })
}
