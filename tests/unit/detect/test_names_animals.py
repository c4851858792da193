"""Owners of animals are no patients; people who are ill and have animals are."""

import pytest

from gateway.detect.names.animals import is_of_an_animal


@pytest.mark.parametrize(
    "text",
    [
        "Hi Ms. Parker, Biscuit is your first dog with diabetes, and not yet neutered. Dr. Hale, DVM",
        "Mrs. Kim, your cat Milo has a urinary infection and was microchipped. Oakdale Veterinary Clinic",
        "Dear John Whitfield, your dog is due for a rabies vaccine. The heartworm test was negative.",
        "Luna (beagle, 4 y) ate a lily. FVRCP is due, and keep her fur dry. Mrs. Kessler can fetch her.",
        "Luna was spayed on Tuesday. Keep your dog off the stairs and the leash short for ten days.",
    ],
)
def test_a_letter_of_a_veterinary_is_about_an_animal(text: str) -> None:
    """Three different signs, one of them of a practice."""
    assert is_of_an_animal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tom Roe, a veterinarian, has asthma.",
        "Ana Silva was bitten by the dog of a veterinary clinic; we gave a rabies vaccine.",
        "Jo Park works at an animal hospital. Her cat sits in on our sessions; depression is better. DOB 3/4/1961",
        "I have been short of breath since your dog was here. The vet says it is fine. Jo Park",
        "Anna Roe sleeps badly since her dog died at the animal hospital.",
        "Anna Roe takes sertraline for depression since her dog died at the animal hospital. Paws was neutered.",
        "Mr. Lee walks his dog again, the knee is healing.",
        "Her canines are loose. Dr. Hale, dentist",
    ],
)
def test_a_person_with_an_animal_is_a_person(text: str) -> None:
    """Two signs, or any word of a person's own illness, and nothing is cleared."""
    assert not is_of_an_animal(text)
