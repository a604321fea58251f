export {
  IconAddressBook, IconAlertTriangle, IconArchive, IconArrowLeft, IconBan, IconBrandWhatsapp, IconCheck, IconChevronRight, IconCopy, IconDeviceMobile, IconDots,
  IconDownload, IconFileImport, IconFilter, IconHome, IconKey, IconLanguage, IconList, IconLogout, IconMail, IconMessage, IconMoon, IconPencil, IconPhone,
  IconPlayerPause, IconPlayerPlay, IconPlus, IconPrinter, IconRefresh, IconSearch, IconSettings, IconSpeakerphone, IconSun, IconSunMoon, IconTrash, IconUser, IconUserOff,
  IconUsersGroup, IconWifiOff, IconX,
} from '@tabler/icons-react'
