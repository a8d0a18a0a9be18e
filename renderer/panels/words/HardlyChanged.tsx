import { Button } from '../../components/Button.tsx'
import { t } from '../../language/language.ts'
import { rerunOf } from '../../state/again.ts'
import type { Image } from '../../state/api.ts'
import { saidEdit } from '../../state/edit-words.ts'
import { useEngine } from '../../state/engine.ts'
import { useChange } from '../../state/picture-change.ts'
import { drawRequest } from '../../state/runs.ts'
import { useStudio } from '../../state/studio.ts'

/** Below this share nobody sees what changed. */
const HARDLY = 0.01
/** Below this, less placement changes nothing more. */
const LEAST = 0.15

/** Of an edit that changed next to nothing: says so, and offers to hold to less. */
export function HardlyChanged({ picture }: { picture: Image }) {
  const before = useStudio(({ draft }) =>
    sourceOf(picture, [...draft.staged, ...(draft.accepted ? [draft.accepted] : [])]),
  )
  const change = useChange(before?.hash, picture.hash)
  const canRedraw = useEngine(state => rerunOf(picture, state) !== undefined)
  const { keepPlacement } = picture.recipe?.parameters ?? {}
  if (change === undefined || change >= HARDLY || !canRedraw || typeof keepPlacement !== 'number') return null
  const less = Math.round(keepPlacement * 50) / 100
  return (
    <div className="words-hardly" role="status" data-testid="words-hardly">
      <p className="note">{t('Hardly anything changed.')}</p>
      {keepPlacement > LEAST && (
        <Button onClick={() => void drawAgain(picture, less)} data-testid="words-less">
          {t('Hold placement to {share} %', { share: Math.round(less * 100) })}
        </Button>
      )}
    </div>
  )
}

/** The same edit, holding less to where things are. */
async function drawAgain(picture: Image, keepPlacement: number): Promise<void> {
  const request = rerunOf(picture, useEngine.getState())
  if (request !== undefined) await drawRequest({ ...request, parameters: { ...request.parameters, keepPlacement } })
}

/** The picture that an edit came from, among those that are here: the one that was given, else the one that was drawn from the same seed. */
export function sourceOf(picture: Image, others: readonly Image[]): Image | undefined {
  const { recipe } = picture
  if (recipe === undefined || saidEdit(recipe.parameters) === undefined) return undefined
  const { image, prompt } = recipe.parameters
  if (typeof image === 'string') return others.find(({ hash }) => hash === image)
  return others.find(
    ({ recipe: other }) =>
      other?.operation === 'text-to-image' && other.parameters.prompt === prompt && other.seed === recipe.seed,
  )
}
