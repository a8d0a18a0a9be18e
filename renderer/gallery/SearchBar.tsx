import { Search, X } from 'lucide-react'
import { AlertDialog } from 'radix-ui'
import { useState } from 'react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { NumberField } from '../components/NumberField.tsx'
import { t } from '../language/language.ts'
import {
  clearSearch,
  dropToken,
  emptyTrash,
  SIZE_MAXIMUM,
  SIZE_MINIMUM,
  STANDARD_SIZE,
  search,
  useGallery,
} from '../state/gallery.ts'
import { useShelves } from '../state/shelves.ts'
import { countWords } from '../state/words.ts'
import { SearchToken } from './SearchToken.tsx'

const anySize = () => undefined

/** The search with its tokens, the size of the thumbnails, and in the trash the way to empty it. */
export function SearchBar() {
  const words = useGallery(state => state.words)
  const tokens = useGallery(state => state.tokens)
  const size = useGallery(state => state.size)
  const shelf = useGallery(state => state.shelf)
  return (
    <div className="gallery-bar" data-region="search">
      <div className="search">
        <Search size={16} strokeWidth={1.5} aria-hidden="true" />
        {tokens.map(token => (
          <SearchToken key={token} token={token} />
        ))}
        <input
          type="text"
          aria-label={t('Search pictures')}
          placeholder={tokens.length > 0 ? '' : t('Words of the prompt, seed:7, tag:night, date:2026-11')}
          value={words}
          data-region-focus
          data-testid="search"
          onChange={event => search(event.target.value)}
          onKeyDown={event => {
            const last = tokens.at(-1)
            if (event.key === 'Backspace' && words === '' && last !== undefined) dropToken(last)
            if (event.key === 'Escape' && (words !== '' || tokens.length > 0)) {
              event.preventDefault()
              clearSearch()
            }
          }}
        />
        {(words !== '' || tokens.length > 0) && (
          <IconButton label={t('Clear the search')} shortcut="Esc" small onClick={clearSearch}>
            <X size={14} strokeWidth={1.5} />
          </IconButton>
        )}
      </div>
      {shelf === 'trash' && <EmptyTrash />}
      <div className="size-field">
        <NumberField
          name="thumbnails"
          title={t('Size of the thumbnails')}
          label={t('Size')}
          value={size}
          minimum={SIZE_MINIMUM}
          maximum={SIZE_MAXIMUM}
          step={1}
          check={anySize}
          onChange={next =>
            useGallery.setState({ size: Math.min(SIZE_MAXIMUM, Math.max(SIZE_MINIMUM, Math.round(next))) })
          }
          onReset={() => useGallery.setState({ size: STANDARD_SIZE })}
        />
      </div>
    </div>
  )
}

/** Cannot be undone, so it asks; the safe answer has the focus. */
function EmptyTrash() {
  const count = useShelves(state => state.facets?.trash ?? 0)
  const [open, setOpen] = useState(false)
  if (count === 0) return null
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <AlertDialog.Trigger asChild>
        <Button look="danger" data-testid="empty-trash">
          {t('Empty trash')}
        </Button>
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="scrim" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title>{t('Empty the trash?')}</AlertDialog.Title>
          <AlertDialog.Description>
            {count === 1
              ? t('1 picture leaves this computer for good. Its recipe goes with it.')
              : t('{count} leave this computer for good. Their recipes go with them.', { count: countWords(count) })}
          </AlertDialog.Description>
          <div className="dialog-foot">
            <AlertDialog.Cancel asChild>
              <Button>{t('Keep')}</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button look="destroy" onClick={() => void emptyTrash()}>
                {t('Delete {count}', { count: countWords(count) })}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
