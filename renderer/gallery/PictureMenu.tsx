import { Ellipsis } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { IconButton } from '../components/IconButton.tsx'
import { Kbd } from '../components/Kbd.tsx'
import { t } from '../language/language.ts'
import { rerun, rerunOf, upscale, upscaleOf } from '../state/again.ts'
import { blobUrl, type Image } from '../state/api.ts'
import { useShortcuts } from '../state/bindings.ts'
import { useEngine } from '../state/engine.ts'
import { findSimilar } from '../state/gallery.ts'
import { copyRecipe, saveCopy } from '../state/recipes.ts'

interface Entry {
  readonly id: string
  readonly title: string
  readonly shortcut?: string
  readonly run: () => void
}

/** What can be done with a picture beside opening and varying it. */
function useEntries(image: Image): readonly Entry[] {
  const models = useEngine(state => state.models)
  const operations = useEngine(state => state.operations)
  const shortcut = useShortcuts()
  const { recipe } = image
  return [
    { id: 'similar', title: t('Find similar pictures'), run: () => findSimilar(image) },
    ...(rerunOf(image, { models, operations }) === undefined
      ? []
      : [{ id: 'rerun', title: t('Draw it again'), run: () => void rerun(image) }]),
    ...(upscaleOf(image, { models, operations }) === undefined
      ? []
      : [{ id: 'upscale', title: t('Upscale'), run: () => void upscale(image) }]),
    {
      id: 'save-copy',
      title: t('Save a copy'),
      shortcut: shortcut('save-copy'),
      run: () => saveCopy(image, blobUrl(image.hash)),
    },
    ...(recipe === undefined
      ? []
      : [
          {
            id: 'copy-recipe',
            title: t('Copy the recipe'),
            shortcut: shortcut('copy-recipe'),
            run: () => void copyRecipe(recipe),
          },
        ]),
  ]
}

/** The button behind which the rest of a picture's actions are. */
export function PictureMenu({ image }: { image: Image }) {
  const entries = useEntries(image)
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton label={t('More')} className="tall" data-testid="picture-menu">
          <Ellipsis size={16} strokeWidth={1.5} />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="pop list" align="end" sideOffset={4} collisionPadding={8}>
          {entries.map(({ id, title, shortcut, run }) => (
            <DropdownMenu.Item key={id} className="list-item" onSelect={run} data-testid={id}>
              <span className="grow">{title}</span>
              {shortcut !== undefined && <Kbd keys={shortcut} />}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
