"""The Brain Lab: the forms in which an author makes a person. They work as plain forms; scripts only make them quicker."""
