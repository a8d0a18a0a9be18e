import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useReturnFocus } from '../components/dialog-focus.ts'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { blobUrl } from '../state/api.ts'
import { imagePrompt, named } from '../state/engine.ts'
import { pick, star, useGallery } from '../state/gallery.ts'

const close = () => useGallery.setState({ previewing: false })

/** One picture as large as the window. Arrow keys go on, Space and Esc close. */
export function Preview() {
  const focus = useReturnFocus(true)
  const open = useGallery(state => state.previewing)
  const index = useGallery(state => state.images.findIndex(image => image.id === state.cursor))
  const image = useGallery(state => state.images[index])
  if (image === undefined) return null
  const keys = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    const next = step === undefined ? undefined : useGallery.getState().images[index + step]
    if (next !== undefined) pick(next.id)
    else if (event.key === ' ') close()
    else if (event.key.toLowerCase() === 's') void star([image.id])
    else return
    event.preventDefault()
  }
  return (
    <Dialog.Root open={open} onOpenChange={previewing => useGallery.setState({ previewing })}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim dark" />
        <Dialog.Content
          className="preview"
          aria-describedby={undefined}
          {...focus}
          onKeyDown={keys}
          onClick={close}
          data-testid="preview"
        >
          <Dialog.Title className="over">
            <span className="cut">{named(imagePrompt(image))}</span>
            {image.recipe !== undefined && (
              <span className="dim num">{t('seed {seed}', { seed: image.recipe.seed })}</span>
            )}
          </Dialog.Title>
          <img src={blobUrl(image.hash)} alt={named(imagePrompt(image))} />
          <IconButton label={t('Close')} shortcut="Esc" className="preview-close" onClick={close}>
            <X size={18} strokeWidth={1.5} />
          </IconButton>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
