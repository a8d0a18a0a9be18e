import { z } from 'zod'
import { callParameters, callSchema, conditionAll, given, withPipeline } from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  ...given.shape,
  call: callSchema,
  seed: z.unknown(),
})

/** Prompts to what a UNet is fed of them. */
export const replayEncodePrompt: Replayer = variant => {
  const parsed = callParameters(parameters, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withPipeline(variant.root, parsed.data, async checkpoint => {
    const { positive, negative } = await conditionAll(
      checkpoint,
      parsed.data.call,
      checkpoint.description.defaults,
      undefined,
    )
    return {
      outputs: {
        prompt_embeds: positive.encoder_hidden_states,
        negative_prompt_embeds: negative.encoder_hidden_states,
        ...('text_embeds' in positive && {
          pooled_prompt_embeds: positive.text_embeds,
          negative_pooled_prompt_embeds: negative.text_embeds,
        }),
      },
    }
  })
}
